// cmake/swagger_ui.sh without npm's registry, and with one that sends the wrong content.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "support/daemon.hpp"

namespace prompted::test {
namespace {

namespace fs = std::filesystem;

class SwaggerUiScript : public testing::Test {
 protected:
  SwaggerUiScript() {
    std::string name = fs::temp_directory_path() / "swagger-ui-XXXXXX";
    if (!::mkdtemp(name.data())) throw std::runtime_error("mkdtemp failed");
    scratch = name;
    fs::create_directory(scratch / "bin");
  }
  ~SwaggerUiScript() override {
    std::error_code ignored;
    fs::remove_all(scratch, ignored);
  }
  /// A fake npm that runs `script`.
  void npm(const std::string& script) const {
    std::ofstream(scratch / "bin/npm") << "#!/bin/sh\n" << script << "\n";
    fs::permissions(scratch / "bin/npm", fs::perms(0755));
  }
  Finished run() const {
    return run_program(
        {source_path("cmake/swagger_ui.sh"), "5.0.0", "sha512-AAAA", scratch / "out",
         source_path("libs/service/swagger_ui"), "index.html", "swagger-ui.css"},
        {{"PATH", (scratch / "bin").string() + ":" + ::getenv("PATH")}, {"XDG_CACHE_HOME", scratch / "cache"}});
  }
  std::string page() const { return run_program({"gzip", "-dc", scratch / "out/index.html.gz"}).output; }
  fs::path scratch;
};

TEST_F(SwaggerUiScript, WithoutTheRegistryThereIsAPageThatSaysSoAndTheNextBuildTriesAgain) {
  npm("echo 'npm error code ENOTFOUND' >&2; exit 1");
  const Finished built = run();
  EXPECT_EQ(built.exit_code, 0) << built.output;
  EXPECT_NE(built.output.find("warning: Swagger UI is left out, npm cannot fetch swagger-ui-dist (ENOTFOUND): "
                              "/swagger/ says how to get it\n"),
            std::string::npos)
      << built.output;
  EXPECT_NE(page().find("install npm"), std::string::npos) << page();
  EXPECT_EQ(fs::file_size(scratch / "out/swagger-ui.css.gz"), 0u);
  EXPECT_FALSE(fs::exists(scratch / "out/complete"));

  const auto made = fs::last_write_time(scratch / "out/index.html.gz");
  EXPECT_EQ(run().exit_code, 0);
  EXPECT_EQ(fs::last_write_time(scratch / "out/index.html.gz"), made) << "what is the same is not linked again";
}

TEST_F(SwaggerUiScript, AnotherPackageThanThePinnedOneStopsTheBuild) {
  npm("echo something else > swagger-ui-dist-5.0.0.tgz");
  const Finished built = run();
  EXPECT_EQ(built.exit_code, 1);
  EXPECT_NE(built.output.find("error: swagger-ui-dist 5.0.0 does not have the hash sha512-AAAA"), std::string::npos)
      << built.output;
  EXPECT_FALSE(fs::exists(scratch / "out/index.html.gz"));
}

}  // namespace
}  // namespace prompted::test
