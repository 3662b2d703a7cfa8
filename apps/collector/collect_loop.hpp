#pragma once
// Leases and delivers in a loop. Each reader has COLLECTOR_CONCURRENCY of these, so that leasing and persisting
// overlap.
#include <boost/asio/awaitable.hpp>
#include <memory>

#include "collector/reader_client.hpp"

namespace prompted::collector {

/// Runs until the daemon drains or the reader is retired, and settles the current lease first.
boost::asio::awaitable<void> collect(Context& context, std::shared_ptr<ReaderClient> reader);

}  // namespace prompted::collector
