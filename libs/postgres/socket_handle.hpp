#pragma once
// Ends a thread's wait on its connection from another thread; internal to libs/postgres.

namespace prompted::pg {

/// A descriptor, open as long as this object, that duplicates the connection's current socket (/dev/null before there
/// is one). The kernel replaces it atomically (dup3), so the two threads need no coordination.
class SocketHandle {
 public:
  SocketHandle();
  ~SocketHandle();
  SocketHandle(const SocketHandle&) = delete;

  void represent(int socket);  ///< the connection's thread
  void cut() const;            ///< any thread: shuts the socket down, which ends every wait on it

 private:
  int fd_;
};

}  // namespace prompted::pg
