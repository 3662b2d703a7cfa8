#pragma once
// All five daemons against one private database.
#include <filesystem>
#include <fstream>
#include <memory>
#include <pqxx/pqxx>
#include <string>
#include <vector>

#include "support/daemon.hpp"
#include "support/http.hpp"
#include "support/postgres_cluster.hpp"
#include "support/wait.hpp"

namespace prompted::test {

class Pipeline {
 public:
  /// mqwriter, mqreader, collector and apigw; the streamer starts when a CSV is given to it.
  explicit Pipeline(const std::string& database_url, Environment extra = {})
      : url_(database_url),
        extra_(std::move(extra)),
        writer_("mqwriter", with({})),
        reader_("mqreader", with({})),
        collector_("collector", with({{"MQ_BASE_URL", reader_.url()}})),
        apigw_("apigw", with({})) {
    for (Daemon* daemon : {&writer_, &reader_, &collector_, &apigw_}) daemon->wait_ready();
  }

  /// Starts the streamer on a copy of `csv`: `loops` passes without a pause between them.
  void stream(const std::filesystem::path& csv, int loops, const std::string& batch_size) {
    scratch_ = std::filesystem::temp_directory_path() / ("prompted-pipeline-" + std::to_string(::getpid()));
    std::filesystem::create_directories(scratch_);
    std::filesystem::copy_file(csv, scratch_ / "telemetry.csv", std::filesystem::copy_options::overwrite_existing);
    const Environment environment{{"MQ_BASE_URL", writer_.url()},
                                  {"STREAMER_CSV_PATH", (scratch_ / "telemetry.csv").string()},
                                  {"STREAMER_INTERVAL_MS", "0"},
                                  {"STREAMER_LOOPS", std::to_string(loops)},
                                  {"STREAMER_BATCH_SIZE", batch_size}};
    streamer_ = std::make_unique<Daemon>("streamer", environment);
  }
  ~Pipeline() {
    streamer_.reset();
    if (!scratch_.empty()) std::filesystem::remove_all(scratch_);
  }

  /// One number from SQL; throws while PostgreSQL is unavailable.
  long long count(const std::string& sql) const {
    pqxx::connection connection(url_);
    pqxx::nontransaction work(connection);
    return work.exec(sql)[0][0].as<long long>();
  }
  /// Waits for `rows` rows in telemetry and an empty queue.
  bool drained(long long rows, std::chrono::seconds limit = std::chrono::seconds(90)) const {
    return eventually(
        [&] {
          return count("SELECT count(*) FROM telemetry") >= rows && count("SELECT count(*) FROM queue_messages") == 0;
        },
        limit);
  }

  const std::string& url() const { return url_; }
  Daemon& writer() { return writer_; }
  Daemon& reader() { return reader_; }
  Daemon& collector() { return collector_; }
  Daemon& apigw() { return apigw_; }
  Daemon& streamer() { return *streamer_; }

 private:
  Environment with(const Environment& own) const {
    Environment all{{"DATABASE_URL", url_}};
    all.insert(extra_.begin(), extra_.end());
    all.insert(own.begin(), own.end());
    return all;
  }

  std::string url_;
  Environment extra_;
  Daemon writer_;
  Daemon reader_;
  Daemon collector_;
  Daemon apigw_;
  std::unique_ptr<Daemon> streamer_;
  std::filesystem::path scratch_;
};

}  // namespace prompted::test
