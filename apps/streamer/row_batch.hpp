#pragma once
// The rows of one publish, with the bytes of the file between them, which the write-back needs in order.
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "streamer/csv_source.hpp"
#include "streamer/row_json.hpp"
#include "streamer/write_back.hpp"

namespace prompted::streamer {

class RowBatch {
 public:
  /// mqwriter takes 16 MiB a publish.
  static constexpr std::size_t most_bytes = 4 * 1024 * 1024;

  void add(Piece piece, std::string stamp) {
    bytes_ += piece.raw.size() + piece.json_tail.size();
    if (piece.kind == Piece::Kind::row) {
      rows_.push_back(row_json(stamp, piece.json_tail));
      row_pieces_.push_back(pieces_.size());
      stamps_.push_back(std::move(stamp));
      piece.json_tail.clear();
    }
    pieces_.push_back(std::move(piece));
  }
  std::size_t rows() const { return rows_.size(); }
  bool full(std::size_t most_rows) const { return rows_.size() >= most_rows || bytes_ >= most_bytes; }

  std::vector<std::string> row_texts(std::size_t first, std::size_t count) const {
    const auto begin = rows_.begin() + static_cast<std::ptrdiff_t>(first);
    return {begin, begin + static_cast<std::ptrdiff_t>(count)};
  }
  std::size_t line_of(std::size_t row) const { return pieces_[row_pieces_[row]].line; }

  /// Everything goes to the write-back, rows that were sent with the timestamp they were sent with.
  void settle(const std::vector<bool>& sent, WriteBack& write_back) const {
    std::size_t row = 0;
    for (const Piece& piece : pieces_) {
      const bool is_row = piece.kind == Piece::Kind::row;
      if (is_row && sent[row]) write_back.restamp(piece, stamps_[row]);
      else write_back.keep(piece.raw);
      if (is_row) ++row;
    }
  }

 private:
  std::vector<Piece> pieces_;
  std::vector<std::size_t> row_pieces_;  // row → its place in pieces_
  std::vector<std::string> rows_;
  std::vector<std::string> stamps_;
  std::size_t bytes_ = 0;
};

}  // namespace prompted::streamer
