#include "config/render.hpp"

#include <gtest/gtest.h>

namespace prompted::config {
namespace {

/// Two services that share, differ and have options of their own.
struct TwoServices {
  std::int64_t number = 0;
  std::chrono::milliseconds duration{};
  log::Level level{};
  std::string text;
  Schema writer{"writer", "writes"};
  Schema reader{"reader", "reads"};

  TwoServices() {
    writer.add(number, {"PORT", "Listen port", "8084"}, {0, 65535});
    writer.add(level, {"LOG_LEVEL", "What is logged", "info"});
    writer.add_secret(text, {"DATABASE_URL", "PostgreSQL", "postgres://u:hunter2@localhost/db"});
    writer.add(duration, {"FLUSH_INTERVAL", "Flush timer", "500ms"});
    reader.add(number, {"PORT", "Listen port", "8085"}, {0, 65535});
    reader.add(level, {"LOG_LEVEL", "What is logged", "info"});
    reader.add_secret(text, {"DATABASE_URL", "PostgreSQL", "postgres://u:hunter2@localhost/db"});
    reader.add(text, {"READER_ID", "Who we are, by default the host's name", ""});
  }
};

TEST(Render, EnvExample) {
  TwoServices two;
  EXPECT_EQ(render_env_example({&two.writer, &two.reader}),
            R"(# Generated from the daemons' option declarations. An empty variable counts as unset.
# A variable is commented out if its default differs by service, if it has no default, or if it is secret.

# --- shared ---
# What is logged (debug|info|warn|error)
LOG_LEVEL=info
# PostgreSQL (text, secret)
# DATABASE_URL=

# --- writer ---
# Listen port (integer 0..65535)
# PORT=8084
# Flush timer (duration)
FLUSH_INTERVAL=500ms

# --- reader ---
# Listen port (integer 0..65535)
# PORT=8085
# Who we are, by default the host's name (text)
# READER_ID=
)");
}

TEST(Render, Markdown) {
  TwoServices two;
  EXPECT_EQ(render_markdown({&two.writer, &two.reader}),
            R"(| Variable | Default | Service | Description |
|---|---|---|---|
| `PORT` | `8084` | writer | Listen port (integer 0..65535) |
| `PORT` | `8085` | reader | Listen port (integer 0..65535) |
| `LOG_LEVEL` | `info` | all | What is logged (debug\|info\|warn\|error) |
| `DATABASE_URL` | (secret) | all | PostgreSQL (text) |
| `FLUSH_INTERVAL` | `500ms` | writer | Flush timer (duration) |
| `READER_ID` |  | reader | Who we are, by default the host's name (text) |
)");
}

TEST(Render, NameWithTwoDefaultsAmongThreeServicesIsCommentedOutInEach) {
  Bytes bytes;
  Schema a{"a", ""};
  Schema b{"b", ""};
  Schema c{"c", ""};
  a.add(bytes, {"MAX", "Largest", "16MiB"});
  b.add(bytes, {"MAX", "Largest", "1MiB"});
  c.add(bytes, {"MAX", "Largest", "1MiB"});
  const std::string env = render_env_example({&a, &b, &c});
  EXPECT_EQ(env.find("\nMAX="), std::string::npos) << env;
  EXPECT_NE(env.find("--- a ---\n# Largest (size)\n# MAX=16MiB\n"), std::string::npos) << env;
  EXPECT_NE(env.find("--- c ---\n# Largest (size)\n# MAX=1MiB\n"), std::string::npos) << env;
  EXPECT_NE(render_markdown({&a, &b, &c}).find("| `MAX` | `1MiB` | b, c | Largest (size) |"), std::string::npos);
}

}  // namespace
}  // namespace prompted::config
