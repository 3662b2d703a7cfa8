#include "streamer/csv_source.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "streamer/row_json.hpp"
#include "unit/streamer/dcgm_excerpt.hpp"
#include "unit/streamer/scratch.hpp"

namespace prompted::streamer {
namespace {

std::vector<Piece> pieces_of(const std::string& path) {
  CsvSource source(path);
  std::vector<Piece> pieces;
  while (auto piece = source.next()) pieces.push_back(std::move(*piece));
  return pieces;
}

std::string open_error(const std::string& path) {
  try {
    CsvSource source(path);
    return "";
  } catch (const base::Error& error) {
    return error.what();
  }
}

TEST(CsvSource, ReadsARealDcgmDump) {
  Scratch scratch;
  const auto pieces = pieces_of(scratch.write("dcgm.csv", dcgm_excerpt));
  ASSERT_EQ(pieces.size(), 11u);
  std::string all;
  for (const Piece& piece : pieces) all += piece.raw;
  EXPECT_EQ(all, dcgm_excerpt);
  const auto row = nlohmann::json::parse(row_json("now", pieces[1].json_tail));
  EXPECT_EQ(row["gpu_id"], "0");
  EXPECT_EQ(row["uuid"], "GPU-5fd4f087-86f3-7a43-b711-4771313afc50");
  EXPECT_EQ(row["model_name"], "NVIDIA H100 80GB HBM3");
  EXPECT_EQ(row["hostname"], "mtv5-dgx1-hgpu-031");
  EXPECT_EQ(row["pod"], "");
  EXPECT_EQ(row["value"], 0);
  EXPECT_EQ(row["labels_raw"].get<std::string>().substr(0, 36), "DCGM_FI_DRIVER_VERSION=\"535.129.03\",");
  EXPECT_EQ(pieces[1].restamped("2026-11-23T12:00:00.000000Z").substr(0, 34), "\"2026-11-23T12:00:00.000000Z\",\"DCG");
}

TEST(CsvSource, BadRowsHaveTheirLineAndTheRestGoesOn) {
  Scratch scratch;
  const auto pieces = pieces_of(scratch.write("bad.csv",
                                              "metric_name,gpu_id,value\n"
                                              "m,GPU-1,1\n"
                                              "m,GPU-1\n"
                                              "m,GPU-1,abc\n"
                                              "\n"
                                              "m,GPU-1,\"2\n"));
  std::vector<std::pair<std::size_t, std::string>> bad;
  for (const Piece& piece : pieces) {
    if (piece.kind == Piece::Kind::bad) bad.emplace_back(piece.line, piece.error);
  }
  const std::vector<std::pair<std::size_t, std::string>> expected{
      {3, "has 2 fields, the header has 3"}, {4, "value \"abc\" is not a number"}, {6, "a quoted field is not closed"}};
  EXPECT_EQ(bad, expected);
}

TEST(CsvSource, ABadHeaderNamesFileAndColumn) {
  Scratch scratch;
  const std::string missing = scratch.path("missing.csv");
  EXPECT_EQ(open_error(missing), missing + ": No such file or directory");
  const std::string empty = scratch.write("empty.csv", "");
  EXPECT_EQ(open_error(empty), empty + ": the file is empty; expected a header line");
  EXPECT_EQ(open_error(scratch.write("blank.csv", "\n\n")),
            scratch.path("blank.csv") + ": the file is empty; expected a header line");
  const std::string poor = scratch.write("poor.csv", "timestamp,gpu_id,value\n1,2,3\n");
  EXPECT_EQ(open_error(poor), poor + ": header: column metric_name is missing");
  const std::string twice = scratch.write("twice.csv", "metric_name,gpu_id,value,Value\n");
  EXPECT_EQ(open_error(twice), twice + ": header: column value appears twice");
  EXPECT_EQ(open_error(scratch.path("")), scratch.path("") + ": not a regular file");
}

TEST(CsvSource, AHeaderAfterBlankLinesAndAByteOrderMark) {
  Scratch scratch;
  const std::string text = "\xEF\xBB\xBF\r\n\r\nvalue,metric_name,gpu_id\r\n1,m,GPU-1\r\n";
  const auto pieces = pieces_of(scratch.write("bom.csv", text));
  ASSERT_GE(pieces.size(), 2u);
  EXPECT_EQ(pieces[1].kind, Piece::Kind::row);
  EXPECT_EQ(pieces[1].line, 4u);
  EXPECT_EQ(pieces[1].json_tail, R"(,"value":1,"metric_name":"m","gpu_id":"GPU-1"})");
}

TEST(CsvSource, ReadsFilesLargerThanAChunk) {
  Scratch scratch;
  std::string text = "metric_name,gpu_id,value,labels_raw\n";
  for (int i = 0; i < 3000; ++i)
    text += "m,GPU-1," + std::to_string(i) + ",\"" + std::string(i % 97, 'x') + "\"\"\n\"\n";
  const auto pieces = pieces_of(scratch.write("large.csv", text));
  std::string all;
  for (const Piece& piece : pieces) {
    all += piece.raw;
    EXPECT_NE(piece.kind, Piece::Kind::bad);
  }
  EXPECT_EQ(all, text);
  EXPECT_EQ(pieces.size(), 3001u);
}

}  // namespace
}  // namespace prompted::streamer
