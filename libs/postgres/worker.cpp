#include "postgres/worker.hpp"

namespace prompted::pg {

Worker::~Worker() {
  guard.reset();
  context.stop();  // before the cut: connect() asks for it after it has shown its socket
  cut();
  thread.join();
}

void Worker::connect(const Options& options) {
  session.reset();
  try {
    session.emplace(options.dsn, options.slow_statement, &statements);
    socket.represent(session->connection().sock());
    // libpq's connect_timeout ends with the log-in: from here on only a cut ends the wait for a server that fell
    // silent.
    if (context.stopped()) throw Unavailable{};
    session->set_up(options.on_connect);
    if (options.admit) options.admit(*session);
  } catch (...) {
    session.reset();
    throw;
  }
}

}  // namespace prompted::pg
