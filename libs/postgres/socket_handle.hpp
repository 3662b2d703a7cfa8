#pragma once
// Ends a thread's wait on its connection from another thread; internal to libs/postgres.

namespace prompted::pg {

/// A descriptor that lives as long as this and stands for the connection's present socket (for /dev/null before there
/// is one): the kernel replaces what it stands for in one step (dup3), so neither thread needs to know what the other
/// does.
class SocketHandle {
 public:
  SocketHandle();
  ~SocketHandle();
  SocketHandle(const SocketHandle&) = delete;

  void represent(int socket);  ///< the connection's thread
  void cut() const;            ///< any thread: whoever waits on the socket is told that it is closed

 private:
  int fd_;
};

}  // namespace prompted::pg
