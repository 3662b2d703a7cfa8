#include "system/crash/gate.hpp"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <thread>
#include <utility>

#include "system/crash/link.hpp"

namespace prompted::test::crash {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

struct GateHouse::Impl {
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard{context.get_executor()};
  std::thread thread{[this] { context.run(); }};

  ~Impl() {
    guard.reset();
    context.stop();
    thread.join();
  }
};

GateHouse::GateHouse() : impl_(std::make_unique<Impl>()) {}
GateHouse::~GateHouse() = default;

/// Everything but the constructor runs on the gates' thread.
struct Gate::Impl : std::enable_shared_from_this<Gate::Impl> {
  Impl(asio::io_context& home, Traffic traffic)
      : context(home),
        acceptor(home, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
        port(acceptor.local_endpoint().port()) {
    state->traffic = traffic;
    not_for_children(acceptor.native_handle());
  }

  void accept() {
    acceptor.async_accept([self = shared_from_this()](error_code error, tcp::socket client) {
      if (error == asio::error::operation_aborted || !self->acceptor.is_open()) return;
      if (!error) self->admit(std::move(client));
      self->accept();
    });
  }

  /// Bound but not listening, which keeps the port reserved.
  void refuse() {
    acceptor.close();
    acceptor.open(tcp::v4());
    acceptor.set_option(tcp::acceptor::reuse_address(true));
    not_for_children(acceptor.native_handle());
    acceptor.bind(tcp::endpoint(asio::ip::address_v4::loopback(), port));
    listens = false;
    target = 0;
    each(&Link::cut);
  }

  void point_to(std::uint16_t to) {
    target = to;
    if (std::exchange(listens, true)) return;
    acceptor.listen();
    accept();
  }

  void resume() {
    if (!state->silent()) each(&Link::resume);
  }

  void admit(tcp::socket client) {
    std::erase_if(links, [](const auto& link) { return !link->open(); });
    auto link = std::make_shared<Link>(context, std::move(client), state);
    if (target == 0) return link->cut();
    links.push_back(link);
    link->connect(target);
  }

  void each(void (Link::*act)()) {
    for (const auto& link : links) ((*link).*act)();
  }

  std::size_t waiting() const {
    return static_cast<std::size_t>(
        std::count_if(links.begin(), links.end(), [](const auto& link) { return link->waiting(); }));
  }

  asio::io_context& context;
  tcp::acceptor acceptor;
  const std::uint16_t port;
  bool listens = true;
  std::uint16_t target = 0;
  std::shared_ptr<GateState> state = std::make_shared<GateState>();
  std::vector<std::shared_ptr<Link>> links;
};

template <class F>
auto Gate::ask(F f) const {
  auto task = std::make_shared<std::packaged_task<std::invoke_result_t<F>()>>(std::move(f));
  auto result = task->get_future();
  asio::post(house_.context, [task] { (*task)(); });
  return result.get();
}

Gate::Gate(GateHouse& house, Traffic traffic)
    : house_(*house.impl_), impl_(std::make_shared<Impl>(house.impl_->context, traffic)) {
  ask([this] { impl_->accept(); });
}

Gate::~Gate() {
  ask([this] {
    error_code ignored;
    impl_->acceptor.close(ignored);
    impl_->each(&Link::cut);
  });
}

std::uint16_t Gate::port() const { return impl_->port; }
std::string Gate::url() const { return "http://127.0.0.1:" + std::to_string(port()); }

void Gate::point_to(std::uint16_t port) {
  ask([this, port] { impl_->point_to(port); });
}
void Gate::close() {
  ask([this] {
    impl_->target = 0;
    impl_->each(&Link::cut);
  });
}
void Gate::refuse() {
  ask([this] { impl_->refuse(); });
}
void Gate::cut() {
  ask([this] { impl_->each(&Link::cut); });
}
void Gate::stall(bool on) {
  ask([this, on] {
    impl_->state->stalled = on;
    impl_->resume();
  });
}
void Gate::hold(bool on) {
  ask([this, on] {
    impl_->state->held = on;
    impl_->resume();
  });
}
void Gate::mute(bool on) {
  ask([this, on] { impl_->state->mutes = on; });
}
void Gate::delay(std::chrono::milliseconds pause) {
  ask([this, pause] { impl_->state->delay = pause; });
}
void Gate::cut_responses(int n, Commit only) {
  ask([this, n, only] {
    impl_->state->responses_to_cut += n;
    impl_->state->only = only;
  });
}
void Gate::spare_responses() {
  ask([this] { impl_->state->responses_to_cut = 0; });
}
std::size_t Gate::waiting() const {
  return ask([this] { return impl_->waiting(); });
}
GateCounts Gate::counts() const {
  return ask([this] { return impl_->state->counts; });
}

}  // namespace prompted::test::crash
