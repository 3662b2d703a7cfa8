#include "postgres/worker.hpp"

namespace prompted::pg {

Worker::~Worker() {
  guard.reset();
  context.stop();  // before the cut: connect() asks for it after it has shown its socket
  cut();
  thread.join();
}

void Worker::connect(const std::string& dsn, const std::vector<std::string>& settings,
                     const std::function<void(Session&)>& admit) {
  session.reset();
  try {
    session.emplace(dsn);
    socket.stand_for(session->connection().sock());
    // libpq's connect_timeout ends with the log-in: from here on only a cut ends the wait for a server that fell silent.
    if (context.stopped()) throw Unavailable{};
    session->set_up(settings);
    if (admit) admit(*session);
  } catch (...) {
    session.reset();
    throw;
  }
}

}  // namespace prompted::pg
