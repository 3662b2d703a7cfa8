#pragma once
// The parts of a response around its entries, in each format.
#include <string>
#include <string_view>

#include "apigw/entry_json.hpp"
#include "apigw/selection.hpp"

namespace prompted::apigw {

std::string_view content_type(Format format);
/// By the Accept header (RFC 9110 section 12.5.1); JSON when it names none of ours.
Format preferred_format(std::string_view accept);

/// One reduced value, in PostgreSQL's texts; `value` nullptr is SQL's NULL.
struct BucketTexts {
  const char* timestamp = nullptr;
  const char* gpu_id = nullptr;
  const char* metric_name = nullptr;
  const char* value = nullptr;
};

/// Before the first entry: the opening of the JSON object, CSV's header line.
std::string response_begin(const Selection& selection);
/// After the last entry. With a limit, JSON names `next` (null: no more).
std::string response_end(const Selection& selection, const std::optional<Place>& next);

/// Appends entries, with what separates them. Runs on database threads.
class EntryWriter {
 public:
  /// `first`: no entry was written before.
  EntryWriter(Format format, bool first) : format_(format), first_(first) {}

  void add(const EntryTexts& texts);
  void add(const BucketTexts& texts);
  std::string& text() { return out_; }
  std::size_t size() const { return out_.size(); }

 private:
  void separate();

  Format format_;
  bool first_;
  std::string out_;
};

}  // namespace prompted::apigw
