#include "postgres/socket_handle.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace prompted::pg {

SocketHandle::SocketHandle() : fd_(::open("/dev/null", O_RDONLY | O_CLOEXEC)) {
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "/dev/null");
}

SocketHandle::~SocketHandle() { ::close(fd_); }

void SocketHandle::represent(int socket) {
  int done = 0;
  do {
    done = ::dup3(socket, fd_, O_CLOEXEC);
  } while (done < 0 && (errno == EINTR || errno == EBUSY));
  if (done < 0) throw std::system_error(errno, std::generic_category(), "dup3");
}

void SocketHandle::cut() const { ::shutdown(fd_, SHUT_RDWR); }

}  // namespace prompted::pg
