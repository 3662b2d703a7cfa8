#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "config/version.hpp"
#include "unit/config/example_config.hpp"

namespace prompted::config {
namespace {

using namespace std::chrono_literals;

struct Loaded {
  LoadResult outcome;
  std::string out;
  std::string err;
};

class Load : public testing::Test {
 protected:
  Loaded load(const std::vector<std::string>& flags = {}) {
    std::vector<const char*> argv{"example"};
    for (const std::string& flag : flags) argv.push_back(flag.c_str());
    std::ostringstream out;
    std::ostringstream err;
    const LoadResult outcome = example.schema.load(static_cast<int>(argv.size()), argv.data(), out, err);
    return {outcome, out.str(), err.str()};
  }
  void set(const char* name, const char* value) {
    ::setenv(name, value, 1);
    set_.push_back(name);
  }
  void expect_refused(const Loaded& loaded, const std::string& line) {
    EXPECT_FALSE(loaded.outcome.run);
    EXPECT_EQ(loaded.outcome.exit_code, 2);
    EXPECT_EQ(loaded.err, line + "\n");
    EXPECT_EQ(loaded.out, "");
  }
  void TearDown() override {
    for (const std::string& name : set_) ::unsetenv(name.c_str());
  }
  Example example;

 private:
  std::vector<std::string> set_;
};

TEST_F(Load, DefaultsPassThroughTheParsers) {
  const Loaded loaded = load();
  EXPECT_TRUE(loaded.outcome.run);
  EXPECT_FALSE(loaded.outcome.healthcheck);
  EXPECT_EQ(loaded.err, "");
  EXPECT_EQ(example.port, 8084);
  EXPECT_EQ(example.count, 256);
  EXPECT_EQ(example.last, -1);  // an empty default leaves it alone
  EXPECT_EQ(example.interval, 500ms);
  EXPECT_EQ(example.body.count, 16u << 20);
  EXPECT_EQ(example.level, log::Level::info);
  EXPECT_EQ(example.path, "samples/telemetry.csv");
  EXPECT_EQ(example.url, "postgres://u:hunter1@localhost/db");
}

TEST_F(Load, LevelsAreTakenInAnyCaseAndAsSlogAndSyslogWriteThem) {
  for (const char* level : {"warn", "WARN", "Warning", "warning"}) {
    example.level = log::Level::error;
    set("TEST_LEVEL", level);
    EXPECT_TRUE(load().outcome.run) << level;
    EXPECT_EQ(example.level, log::Level::warn) << level;
  }
}

TEST_F(Load, TheEnvironmentOverridesDefaults) {
  set("TEST_PORT", "0");
  set("TEST_FLUSH_INTERVAL", "1m30s");
  set("TEST_LEVEL", "WARN");
  set("TEST_URL", "postgres://other");
  set("TEST_LAST", "255");
  EXPECT_TRUE(load().outcome.run);
  EXPECT_EQ(example.port, 0);
  EXPECT_EQ(example.interval, 90s);
  EXPECT_EQ(example.level, log::Level::warn);
  EXPECT_EQ(example.url, "postgres://other");
  EXPECT_EQ(example.last, 255);
}

TEST_F(Load, FlagsOverrideTheEnvironment) {
  set("TEST_PORT", "1");
  set("TEST_COUNT", "2");
  EXPECT_TRUE(load({"--test-port", "8090", "--test-flush-interval=5s", "--test-port=8091"}).outcome.run);
  EXPECT_EQ(example.port, 8091);  // the last one wins
  EXPECT_EQ(example.count, 2);
  EXPECT_EQ(example.interval, 5s);
}

TEST_F(Load, AnEmptyVariableCountsAsUnset) {
  set("TEST_PORT", "");
  set("TEST_URL", "");
  EXPECT_TRUE(load().outcome.run);
  EXPECT_EQ(example.port, 8084);
  EXPECT_EQ(example.url, "postgres://u:hunter1@localhost/db");
}

TEST_F(Load, ABadVariableStopsItAndSaysWhatIsAccepted) {
  const std::map<std::string, std::pair<std::string, std::string>> cases{
      {"TEST_PORT", {"65536", "an integer 0..65535"}},
      {"TEST_COUNT", {"ten", "an integer 1..1000"}},
      {"TEST_LAST", {"1.5", "an integer"}},
      {"TEST_FLUSH_INTERVAL", {"5", "a duration such as 500ms, 1.5s or 1m30s, at least 1ms, at most 1h"}},
      {"TEST_BODY", {"16MB", "a size such as 16MiB, 64KiB or 4096"}},
      {"TEST_LEVEL", {"verbose", "one of debug, info, warn, error"}},
      {"TEST_PATH", {"a b", "a path without blanks"}},
  };
  for (const auto& [name, value_and_accepted] : cases) {
    const auto& [value, accepted] = value_and_accepted;
    set(name.c_str(), value.c_str());
    expect_refused(load(), "example: " + name + ": invalid value \"" + value + "\": expected " + accepted);
    ::unsetenv(name.c_str());
  }
}

TEST_F(Load, ABadFlagIsNamedAsAFlag) {
  expect_refused(load({"--test-port", "x"}), "example: --test-port: invalid value \"x\": expected an integer 0..65535");
  expect_refused(load({"--test-count", "-1"}),
                 "example: --test-count: invalid value \"-1\": expected an integer 1..1000");
}

TEST_F(Load, ABadVariableIsAnErrorEvenWhereAFlagOverridesIt) {
  set("TEST_PORT", "x");
  expect_refused(load({"--test-port", "8080"}),
                 "example: TEST_PORT: invalid value \"x\": expected an integer 0..65535");
}

TEST_F(Load, ASecretIsNeverEchoed) {
  set("TEST_URL", "mysql://u:hunter2@localhost/db");
  expect_refused(load(), "example: TEST_URL: invalid value: expected a postgres:// URL");
}

TEST_F(Load, ASecretHasNoFlag) {
  const std::string line = "example: --test-url: secrets have no flag; set TEST_URL in the environment";
  expect_refused(load({"--test-url=postgres://u:hunter2@h/db"}), line);
  expect_refused(load({"--test-url", "postgres://u:hunter2@h/db"}), line);
  EXPECT_EQ(example.url, "");
}

TEST_F(Load, WhatIsNotAFlagIsRefused) {
  expect_refused(load({"--prot", "80"}), "example: unknown flag --prot (see --help)");
  expect_refused(load({"--prot=80"}), "example: unknown flag --prot (see --help)");
  expect_refused(load({"-x80"}), "example: unknown flag -x (see --help)");
  expect_refused(load({"postgres://u:hunter2@h/db"}),
                 "example: unexpected argument: only flags are accepted (see --help)");
  expect_refused(load({"--test-por", "80"}), "example: unknown flag --test-por (see --help)");
  const Loaded missing = load({"--test-port"});
  EXPECT_EQ(missing.outcome.exit_code, 2);
  EXPECT_NE(missing.err.find("--test-port"), std::string::npos) << missing.err;
}

TEST_F(Load, RulesOverSeveralOptionsComeLast) {
  set("TEST_LAST", "300");
  expect_refused(load(), "example: TEST_LAST must not exceed TEST_COUNT");
  EXPECT_TRUE(load({"--test-count", "300"}).outcome.run);
}

TEST_F(Load, HelpListsVariableFlagTypeAndDefault) {
  set("TEST_PORT", "broken, but help still helps");
  const Loaded loaded = load({"--help"});
  EXPECT_FALSE(loaded.outcome.run);
  EXPECT_EQ(loaded.outcome.exit_code, 0);
  EXPECT_EQ(loaded.err, "");
  for (const char* part :
       {"example: shows every type of option",
        "TEST_PORT, --test-port  (integer 0..65535, default 8084)\n      Listen port\n",
        "TEST_FLUSH_INTERVAL, --test-flush-interval  (duration, default 500ms)", "TEST_LAST, --test-last  (integer)\n",
        "TEST_BODY, --test-body  (size, default 16MiB)", "TEST_URL  (text, secret: environment variable only)",
        "--version", "--healthcheck", "-h, --help"}) {
    EXPECT_NE(loaded.out.find(part), std::string::npos) << part << "\n" << loaded.out;
  }
  EXPECT_EQ(loaded.out.find("hunter"), std::string::npos);
  EXPECT_EQ(load({"-h"}).out, loaded.out);
}

TEST_F(Load, VersionAndHealthcheck) {
  const Loaded printed = load({"--version"});
  EXPECT_FALSE(printed.outcome.run);
  EXPECT_EQ(printed.outcome.exit_code, 0);
  EXPECT_EQ(printed.out, "example " + version() + "\n");
  EXPECT_FALSE(version().empty());

  const Loaded asked = load({"--healthcheck", "--test-port", "9"});
  EXPECT_TRUE(asked.outcome.run);
  EXPECT_TRUE(asked.outcome.healthcheck);
  EXPECT_EQ(example.port, 9);
}

TEST_F(Load, MistakesInADeclarationAreFoundAtOnce) {
  std::int64_t number = 0;
  EXPECT_THROW(example.schema.add(number, {"TEST_PORT", "again", "1"}), std::logic_error);
  example.schema.add(number, {"TEST_BAD_DEFAULT", "out of its range", "5"}, {10, 20});
  EXPECT_THROW(load(), std::logic_error);
}

}  // namespace
}  // namespace prompted::config
