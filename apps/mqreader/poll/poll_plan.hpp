#pragma once
// What to poll next: the snapshot-difference rules of docs/queue.md as a plain decision. "New rows are those visible
// now and not in the snapshot I saw"; ids and xids do not become visible in order, so neither can be a watermark.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mqreader/message.hpp"
#include "mqreader/poll/incarnation.hpp"

namespace prompted::mqreader {

/// The last row of a partition that a page returned; {0,0}: none.
struct Cursor {
  std::uint64_t xid = 0;
  std::int64_t id = 0;
  friend bool operator==(const Cursor&, const Cursor&) = default;
};

/// One statement: rows of `partitions` that are visible in `target` (or now) and not in `base`, after the cursors.
struct PollRequest {
  std::string base;  ///< pg_snapshot text
  std::optional<std::string> target;
  std::vector<int> partitions;
  std::vector<Cursor> cursors;        ///< one for each partition
  std::vector<std::uint64_t> epochs;  ///< so that a partition lost and taken again meanwhile is not moved
  int rows_per_partition = 0;
  int rows = 0;            ///< of the whole page
  std::int64_t bytes = 0;  ///< of the whole page's payloads; one row more than fits, and at least one
  bool backlog = false;    ///< a further page of a result that did not fit one page
};

/// The rows that were handed over and are still in the table.
struct SeenResult {
  ServerId server;
  std::vector<MessageKey> keys;
};

struct PollResult {
  std::string snapshot;   ///< the target, or the snapshot taken
  ServerId server;        ///< its incarnation is "" after crash recovery emptied the UNLOGGED table
  std::vector<Row> rows;  ///< ascending by (xid, id) within a partition, partitions in the request's order
  bool cut = false;       ///< there are more rows than the page's bytes
};

inline constexpr std::int64_t most_page_rows = 100'000;
/// Maximum bytes of one page's payloads, plus one row. A page is briefly held twice: by libpq on a database thread, and
/// as rows.
inline constexpr std::int64_t most_page_bytes = 4 * 1024 * 1024;
inline constexpr std::int64_t least_page_bytes = 64 * 1024;  ///< however little room there is
/// The snapshot in which nothing is visible. A partition begins with it: at start-up, when it is taken over, and when
/// the server has changed.
inline constexpr const char* empty_snapshot = "1:1:";
inline constexpr std::size_t most_partitions_at_once = 65536;

class PollPlan {
 public:
  /// New partitions begin at the empty snapshot; those no longer named are forgotten.
  void set_partitions(const std::vector<int>& owned);
  /// Starts over from the empty snapshot, because the server's incarnation changed.
  void restart();

  /// A pass asks each group of partitions with the same base and target once: those behind first, with their target;
  /// the first of the others gives the pass its target.
  void begin_pass();
  /// nullopt ends the pass. `page` bounds the rows of one request.
  std::optional<PollRequest> next(Room room, int page);
  /// Moves the cursors; returns true when something may be left to fetch at once. Throws std::logic_error when rows of
  /// a partition do not ascend: SQL does not promise the order that the cursors rely on.
  bool apply(const PollRequest& request, const PollResult& result);
  /// Halves the partitions per request after one has timed out, until some succeed.
  void timed_out();

  /// Partitions with rows left to read, up to the snapshot of their first page.
  std::size_t behind() const;
  /// Whether this pass skipped or cut requests for lack of room.
  bool short_of_room() const { return short_of_room_ || behind() > 0; }
  /// What the sweep compares with: rows visible in `base`, or in `target` up to the cursor, have all been handed over.
  struct Seen {
    int partition;
    std::string base;
    std::string target;  ///< empty_snapshot when none
    Cursor cursor;
    std::uint64_t floor = 0;  ///< rows of lower xids were already checked
  };
  std::vector<Seen> seen() const;

 private:
  using Snapshot = std::shared_ptr<const std::string>;
  struct Partition {
    int key = 0;
    std::uint64_t epoch = 0;
    Snapshot base;
    Snapshot target;  ///< set while behind
    Cursor cursor;
    bool asked = false;  ///< in this pass
  };

  PollRequest request_for(const Partition& first, std::int64_t rows, std::int64_t bytes, int page);
  Partition* find(int key);

  std::vector<Partition> partitions_;  ///< ascending by key
  Snapshot pass_target_;
  std::size_t rotation_ = 0;  ///< where requests begin, so that a page limit is not always met by the same ones
  std::uint64_t epochs_ = 0;
  bool short_of_room_ = false;
  std::size_t partitions_at_once_ = most_partitions_at_once;
  /// Fewer after a page that was cut by its bytes, because PostgreSQL writes all of them out before it cuts.
  std::int64_t page_rows_ = most_page_rows;
};

}  // namespace prompted::mqreader
