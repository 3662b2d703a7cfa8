#include "system/crash/link.hpp"

#include <fcntl.h>

#include <boost/asio/write.hpp>

namespace prompted::test::crash {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

void not_for_children(int socket) { ::fcntl(socket, F_SETFD, FD_CLOEXEC); }

Link::Link(asio::io_context& context, tcp::socket client, std::shared_ptr<GateState> state)
    : client_(std::move(client)),
      server_(context),
      up_(client_, server_, context),
      down_(server_, client_, context),
      state_(std::move(state)) {
  not_for_children(client_.native_handle());
}

void Link::connect(std::uint16_t port) {
  const tcp::endpoint target(asio::ip::address_v4::loopback(), port);
  error_code failed;
  server_.open(tcp::v4(), failed);
  if (failed) return cut();
  not_for_children(server_.native_handle());
  server_.async_connect(target, [self = shared_from_this()](error_code error) {
    if (error || self->ended_) return self->cut();
    error_code ignored;
    self->client_.set_option(tcp::no_delay(true), ignored);
    self->server_.set_option(tcp::no_delay(true), ignored);
    self->read(self->up_);
    self->read(self->down_);
  });
}

void Link::cut() {
  if (ended_) return;
  ended_ = true;
  error_code ignored;
  for (tcp::socket* socket : {&client_, &server_}) {
    socket->set_option(asio::socket_base::linger(true, 0), ignored);  // makes close() a reset
    socket->close(ignored);
  }
  up_.timer.cancel();
  down_.timer.cancel();
}

void Link::read(Pipe& pipe) {
  pipe.from.async_read_some(
      asio::buffer(pipe.piece), [self = shared_from_this(), &pipe](error_code error, std::size_t n) {
        if (self->ended_) return;
        if (error) {
          if (!self->state_->silent()) return self->cut();
          pipe.parked = true;  // a dead network carries no reset either; resume() reads the error again
          return;
        }
        self->inspect(pipe, std::string(pipe.piece.data(), n));
        if (!self->ended_) self->pass(pipe);
      });
}

void Link::pass(Pipe& pipe) {
  if (state_->silent() || (muted_ && &pipe == &up_)) {
    pipe.parked = true;
  } else if (state_->delay.count() > 0) {
    pipe.timer.expires_after(state_->delay);
    pipe.timer.async_wait([self = shared_from_this(), &pipe](error_code) {
      if (self->ended_) return;
      if (self->state_->silent()) pipe.parked = true;
      else self->write(pipe);
    });
  } else {
    write(pipe);
  }
}

void Link::write(Pipe& pipe) {
  if (pipe.out.empty()) return read(pipe);
  asio::async_write(pipe.to, asio::buffer(pipe.out), [self = shared_from_this(), &pipe](error_code error, std::size_t) {
    if (self->ended_) return;
    if (error) return self->cut();
    pipe.out.clear();
    self->read(pipe);
  });
}

void Link::resume() {
  for (Pipe* pipe : {&up_, &down_}) {
    if (!std::exchange(pipe->parked, false)) continue;
    if (!ended_) pass(*pipe);
  }
}

void Link::inspect(Pipe& pipe, std::string bytes) {
  if (state_->traffic == Traffic::unread) return pipe.out.assign(std::move(bytes)), void();
  if (&pipe == &down_) return inspect_response(pipe, std::move(bytes));
  inspect_request(bytes);
  pipe.out = std::move(bytes);
}

void Link::inspect_request(std::string_view bytes) {
  if (state_->traffic == Traffic::postgres) return asked_.feed(bytes, [this](Commit kind) { request(kind); });
  http_waits_ = true;
}

/// Called before the request reaches the server, so its response cannot have passed.
void Link::request(Commit kind) {
  asked_for_.push_back(kind);
  const bool wanted = kind != Commit::none && (state_->only == Commit::none || state_->only == kind);
  if (!wanted || asked_for_.size() > 1 || state_->responses_to_cut == 0) return;
  --state_->responses_to_cut;
  holding_ = true;
}

void Link::inspect_response(Pipe& pipe, std::string bytes) {
  if (state_->traffic == Traffic::http) {
    const bool responses = std::exchange(http_waits_, false);
    if (!responses || state_->responses_to_cut == 0) return pipe.out.assign(std::move(bytes)), void();
    --state_->responses_to_cut;
    ++state_->counts.responses_cut;
    return cut();
  }
  if (holding_) held_ += bytes;
  else pipe.out = bytes;
  responses_.feed(bytes, [this](bool committed_rows) { ready(committed_rows); });
  if (!holding_ && !held_.empty()) pipe.out = std::exchange(held_, {});
}

void Link::ready(bool committed_rows) {
  if (!std::exchange(logged_in_, true)) muted_ = state_->mutes;  // the first ReadyForQuery answers no request
  if (ended_ || asked_for_.empty()) return;
  const Commit kind = asked_for_.front();
  asked_for_.pop_front();
  if (!holding_) return;
  holding_ = false;
  if (!committed_rows) {  // no commit is in doubt, so cut the next one
    ++state_->responses_to_cut;
    return;
  }
  ++state_->counts.commits_cut[static_cast<std::size_t>(kind)];
  cut();
}

}  // namespace prompted::test::crash
