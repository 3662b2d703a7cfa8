#include "postgres/worker.hpp"

namespace prompted::pg {

Worker::~Worker() {
  guard.reset();
  context.stop();  // before the cut: connect() checks it after publishing its socket
  cut();
  thread.join();
}

void Worker::connect(const Options& options) {
  session.reset();
  try {
    session.emplace(options.dsn, options.slow_statement, &statements);
    socket.represent(session->connection().sock());
    // libpq's connect_timeout covers only the login: after it, only a cut ends the wait for a silent server.
    if (context.stopped()) throw Unavailable{};
    session->set_up(options.on_connect);
    if (options.admit) options.admit(*session);
  } catch (...) {
    session.reset();
    throw;
  }
}

}  // namespace prompted::pg
