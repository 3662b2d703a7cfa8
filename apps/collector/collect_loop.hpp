#pragma once
// Lease, deliver, again: COLLECTOR_CONCURRENCY of these for each reader, so that leasing and persisting overlap.
#include <boost/asio/awaitable.hpp>
#include <memory>

#include "collector/reader_client.hpp"

namespace prompted::collector {

/// Ends when the daemon stops taking work or the reader is retired, after the lease in hand is settled.
boost::asio::awaitable<void> collect(Context& context, std::shared_ptr<ReaderClient> reader);

}  // namespace prompted::collector
