#include "streamer/write_back.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "streamer/row_batch.hpp"
#include "unit/streamer/dcgm_excerpt.hpp"
#include "unit/streamer/scratch.hpp"

namespace prompted::streamer {
namespace {

const std::string stamp = "2026-11-23T12:00:00.000000Z";

const std::string text =
    "\xEF\xBB\xBFgpu_id,Timestamp,metric_name,value,own\r\n"
    "GPU-1,old,m,1,\"a \"\"b\"\"\r\nc\"\r\n"
    "\r\n"
    "GPU-1,\"old\",\"m\",2,\r\n"
    "GPU-1,broken\r\n"
    "GPU-1,,m,3,last";

std::vector<Piece> pieces_of(CsvSource& source) {
  std::vector<Piece> pieces;
  while (auto piece = source.next()) pieces.push_back(std::move(*piece));
  return pieces;
}

// A pass in which the first `rows` rows are sent and the rest is not read.
void pass(WriteBack& write_back, const std::string& path, std::size_t rows) {
  CsvSource source(path);
  write_back.begin(source.state());
  for (const Piece& piece : pieces_of(source)) {
    if (piece.kind != Piece::Kind::row) {
      write_back.keep(piece.raw);
    } else if (rows-- > 0) {
      write_back.restamp(piece, stamp);
    } else {
      write_back.commit_early(base::never);
      return;
    }
  }
  write_back.commit();
}

TEST(WriteBack, ChangesTimestampsAndNothingElse) {
  Scratch scratch;
  const std::string path = scratch.write("a.csv", text);
  WriteBack write_back(path);
  pass(write_back, path, 99);
  EXPECT_EQ(scratch.read("a.csv"),
            "\xEF\xBB\xBFgpu_id,Timestamp,metric_name,value,own\r\n"
            "GPU-1," +
                stamp +
                ",m,1,\"a \"\"b\"\"\r\nc\"\r\n"
                "\r\n"
                "GPU-1,\"" +
                stamp +
                "\",\"m\",2,\r\n"
                "GPU-1,broken\r\n"
                "GPU-1," +
                stamp + ",m,3,last");
  EXPECT_EQ(scratch.files(), 1u);
}

TEST(WriteBack, ADrainKeepsTheRestAsItIs) {
  Scratch scratch;
  const std::string path = scratch.write("a.csv", text);
  WriteBack write_back(path);
  pass(write_back, path, 1);
  std::string expected = text;
  expected.replace(expected.find("old"), 3, stamp);
  EXPECT_EQ(scratch.read("a.csv"), expected);
}

TEST(WriteBack, NothingSentNothingWritten) {
  Scratch scratch;
  const std::string path = scratch.write("a.csv", text);
  const auto before = std::filesystem::last_write_time(path);
  WriteBack write_back(path);
  pass(write_back, path, 0);
  EXPECT_EQ(scratch.read("a.csv"), text);
  EXPECT_EQ(std::filesystem::last_write_time(path), before);
}

TEST(WriteBack, TheNextPassStandsOnTheOneBefore) {
  Scratch scratch;
  const std::string path = scratch.write("a.csv", dcgm_excerpt);
  WriteBack write_back(path);
  pass(write_back, path, 99);
  EXPECT_EQ(CsvSource(path).state(), write_back.committed());
  const std::string once = scratch.read("a.csv");
  EXPECT_NE(once, dcgm_excerpt);
  pass(write_back, path, 99);
  EXPECT_EQ(scratch.read("a.csv"), once);
}

TEST(WriteBack, NeverReplacesAFileThatSomebodyChanged) {
  Scratch scratch;
  const std::string path = scratch.write("a.csv", text);
  WriteBack write_back(path);
  {
    CsvSource source(path);
    write_back.begin(source.state());
    for (const Piece& piece : pieces_of(source)) write_back.restamp(piece, stamp);
  }
  scratch.write("a.csv", text + "\nmore");
  write_back.commit();
  EXPECT_EQ(scratch.read("a.csv"), text + "\nmore");
  EXPECT_EQ(scratch.files(), 1u);
}

TEST(WriteBack, UntilTheEndTheFileIsTheOldOne) {
  Scratch scratch;
  const std::string path = scratch.write("a.csv", text);
  {
    WriteBack write_back(path);
    CsvSource source(path);
    write_back.begin(source.state());
    for (const Piece& piece : pieces_of(source)) write_back.restamp(piece, stamp);
    EXPECT_EQ(scratch.read("a.csv"), text);
  }
  EXPECT_EQ(scratch.read("a.csv"), text);
  EXPECT_EQ(scratch.files(), 1u);
}

TEST(WriteBack, KeepsTheModeAndFollowsLinks) {
  Scratch scratch;
  const std::string path = scratch.write("a.csv", text);
  ASSERT_EQ(chmod(path.c_str(), 0640), 0);
  std::filesystem::create_symlink("a.csv", scratch.path("link.csv"));
  WriteBack write_back(scratch.path("link.csv"));
  pass(write_back, scratch.path("link.csv"), 99);
  struct stat status {};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0640u);
  EXPECT_TRUE(std::filesystem::is_symlink(scratch.path("link.csv")));
  EXPECT_NE(scratch.read("a.csv"), text);
}

TEST(WriteBack, AReadOnlyFileIsAWarningOnce) {
  Scratch scratch;
  const std::string path = scratch.write("a.csv", text);
  ASSERT_EQ(chmod(path.c_str(), 0444), 0);
  WriteBack write_back(path);
  testing::internal::CaptureStdout();
  pass(write_back, path, 99);
  pass(write_back, path, 99);
  log::flush();
  const std::string out = testing::internal::GetCapturedStdout();
  EXPECT_EQ(scratch.read("a.csv"), text);
  const auto first = out.find("timestamps not written back");
  EXPECT_NE(first, std::string::npos);
  EXPECT_EQ(out.find("timestamps not written back", first + 1), std::string::npos);
}

TEST(WriteBack, AFileThatVanishedIsNoError) {
  Scratch scratch;
  const std::string path = scratch.write("a.csv", text);
  WriteBack write_back(path);
  CsvSource source(path);
  write_back.begin(source.state());
  for (const Piece& piece : pieces_of(source)) write_back.restamp(piece, stamp);
  std::filesystem::remove(path);
  write_back.commit();
  EXPECT_EQ(scratch.files(), 0u);
}

TEST(Batch, SettlesInTheFilesOrder) {
  Scratch scratch;
  const std::string path = scratch.write("a.csv", text);
  WriteBack write_back(path);
  CsvSource source(path);
  write_back.begin(source.state());
  RowBatch batch;
  for (Piece& piece : pieces_of(source)) batch.add(std::move(piece), stamp);
  ASSERT_EQ(batch.rows(), 3u);
  EXPECT_EQ(batch.line_of(2), 7u);
  batch.settle({true, false, true}, write_back);
  write_back.commit();
  std::string expected = text;
  expected.replace(expected.find("old"), 3, stamp);
  expected.replace(expected.find(",,m,3") + 1, 0, stamp);
  EXPECT_EQ(scratch.read("a.csv"), expected);
}

}  // namespace
}  // namespace prompted::streamer
