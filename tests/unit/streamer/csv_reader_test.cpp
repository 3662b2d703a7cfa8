#include "streamer/csv_reader.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace prompted::streamer {
namespace {

using Kind = CsvRecord::Kind;

std::vector<CsvRecord> read(std::string_view text, std::size_t chunk = 1 << 20) {
  CsvReader reader;
  std::vector<CsvRecord> records;
  const auto drain = [&] {
    while (auto record = reader.next()) records.push_back(std::move(*record));
  };
  for (std::size_t at = 0; at < text.size(); at += chunk) {
    reader.feed(text.substr(at, chunk));
    drain();
  }
  reader.end();
  drain();
  return records;
}

// All bytes in order, whatever their content: the write-back relies on this.
std::string joined(const std::vector<CsvRecord>& records) {
  std::string text;
  for (const CsvRecord& record : records) text += record.raw;
  return text;
}

std::vector<std::string> values(const CsvRecord& record) {
  std::vector<std::string> texts;
  for (const CsvField& field : record.fields) texts.push_back(field.value);
  return texts;
}

std::vector<CsvRecord> of_kind(const std::vector<CsvRecord>& records, Kind kind) {
  std::vector<CsvRecord> found;
  for (const CsvRecord& record : records) {
    if (record.kind == kind) found.push_back(record);
  }
  return found;
}

using Texts = std::vector<std::string>;

TEST(CsvReader, ReadsPlainAndQuotedFields) {
  const auto records = read("a,\"b\",,\"\"\n\"x,y\",\"say \"\"hi\"\"\",\"l1\nl2\", z \n");
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(values(records[0]), (Texts{"a", "b", "", ""}));
  EXPECT_EQ(values(records[1]), (Texts{"x,y", "say \"hi\"", "l1\nl2", " z "}));
}

TEST(CsvReader, KnowsTheBytesOfEachField) {
  const auto records = read("\n a ,\"b\"\"c\",,\"d\ne\"\r\n");
  ASSERT_GE(records.size(), 1u);
  const CsvRecord& record = records[0];
  Texts raw;
  for (const CsvField& field : record.fields) raw.push_back(record.raw.substr(field.at, field.length));
  EXPECT_EQ(raw, (Texts{" a ", "\"b\"\"c\"", "", "\"d\ne\""}));
}

TEST(CsvReader, EveryChunkSizeGivesTheSame) {
  const std::string text =
      "\xEF\xBB\xBFt,\"m\"\r\n\r\n\"1\r\n2\",x\r\n3,\"broken\"x\r\n4,\"\"\"q\"\"\"\r\n\r\n5,y\n6,z\r7,\"open\r\n8,"
      "\xC3\xA4";
  const auto whole = read(text);
  EXPECT_EQ(joined(whole), text);
  for (std::size_t chunk = 1; chunk < text.size(); ++chunk) {
    const auto parts = read(text, chunk);
    EXPECT_EQ(joined(parts), text) << chunk;
    const auto rows = of_kind(parts, Kind::row);
    const auto expected = of_kind(whole, Kind::row);
    ASSERT_EQ(rows.size(), expected.size()) << chunk;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      EXPECT_EQ(values(rows[i]), values(expected[i])) << chunk;
      EXPECT_EQ(rows[i].line, expected[i].line) << chunk;
    }
  }
}

TEST(CsvReader, CountsLinesOverBlankLinesAndEmbeddedNewlines) {
  const auto rows = of_kind(read("h\r\n\r\n\r\n\"a\r\nb\"\r\nc\n\nd\re"), Kind::row);
  ASSERT_EQ(rows.size(), 5u);
  EXPECT_EQ(rows[1].line, 4u);
  EXPECT_EQ(rows[2].line, 6u);
  EXPECT_EQ(rows[3].line, 8u);
  EXPECT_EQ(rows[4].line, 9u);
}

TEST(CsvReader, ByteOrderMarkIsNoPartOfTheFirstName) {
  const auto records = read("\xEF\xBB\xBFname,x\n");
  EXPECT_EQ(values(records[0]), (Texts{"name", "x"}));
  EXPECT_EQ(joined(records), "\xEF\xBB\xBFname,x\n");
}

TEST(CsvReader, EmptyAndBlankFilesHaveNoRows) {
  EXPECT_TRUE(read("").empty());
  EXPECT_TRUE(of_kind(read("\n\r\n\n"), Kind::row).empty());
  EXPECT_EQ(joined(read("\n\r\n\n")), "\n\r\n\n");
  EXPECT_EQ(joined(read("\xEF\xBB")), "\xEF\xBB");
}

TEST(CsvReader, LastRowNeedsNoLineEnd) {
  const auto rows = of_kind(read("a,b\nc,"), Kind::row);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(values(rows[1]), (Texts{"c", ""}));
  EXPECT_EQ(values(of_kind(read("a,\"b\""), Kind::row)[0]), (Texts{"a", "b"}));
}

TEST(CsvReader, AQuoteThatIsNeverClosedCostsItsLineOnly) {
  const std::string text = "1,a\n2,\"open\n3,c\n\"4\",d\n5,\"e\"\n";
  const auto records = read(text);
  EXPECT_EQ(joined(records), text);
  const auto bad = of_kind(records, Kind::bad);
  ASSERT_EQ(bad.size(), 1u);
  EXPECT_EQ(bad[0].line, 2u);
  EXPECT_EQ(of_kind(records, Kind::row).size(), 4u);
}

TEST(CsvReader, UnterminatedQuoteAtTheEnd) {
  const auto records = read("1,a\n2,\"op");
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[1].kind, Kind::bad);
  EXPECT_EQ(records[1].line, 2u);
  EXPECT_EQ(records[1].error, "a quoted field is not closed");
  EXPECT_EQ(records[1].raw, "2,\"op");
}

TEST(CsvReader, StrayQuotesMakeABadRow) {
  for (const std::string line : {"a,b\"c\n", "a,\"b\"c\n", "a,\"b\" \n"}) {
    const auto records = read("x,y\n" + line + "p,q\n");
    ASSERT_EQ(of_kind(records, Kind::bad).size(), 1u) << line;
    EXPECT_EQ(of_kind(records, Kind::bad)[0].line, 2u);
    EXPECT_EQ(values(of_kind(records, Kind::row)[1]), (Texts{"p", "q"}));
  }
}

TEST(CsvReader, ALineThatIsTooLongIsOneBadRowAndStaysOutOfMemory) {
  const std::string text = "a,b\n" + std::string(3 * CsvReader::max_record, 'x') + ",y\r\nc,d\n";
  const auto records = read(text, 64 * 1024);
  EXPECT_EQ(joined(records), text);
  EXPECT_EQ(of_kind(records, Kind::bad).size(), 1u);
  const auto rows = of_kind(records, Kind::row);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[1].line, 3u);
  for (const CsvRecord& record : records) EXPECT_LE(record.raw.size(), CsvReader::max_record + 128 * 1024);
}

}  // namespace
}  // namespace prompted::streamer
