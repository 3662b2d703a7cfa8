#include "postgres/worker.hpp"

#include <sys/socket.h>
#include <unistd.h>

namespace prompted::pg {

Worker::~Worker() {
  guard.reset();
  cut();
  thread.join();
  if (socket >= 0) ::close(socket);
}

void Worker::cut() {
  if (socket >= 0) ::shutdown(socket, SHUT_RDWR);
}

void Worker::adopt_socket(int duplicate) {
  if (socket >= 0) ::close(socket);
  socket = duplicate;
}

}  // namespace prompted::pg
