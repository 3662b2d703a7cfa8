#include <cstdio>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/time.hpp"
#include "base/uuid.hpp"
#include "load/clock.hpp"
#include "load/commands.hpp"
#include "load/http.hpp"
#include "load/options.hpp"
#include "load/percentiles.hpp"

namespace prompted::bench {

namespace {

struct Times {
  double responded = 0, visible = 0;  ///< seconds since the publish was sent
};

/// Each message has its own metric and a window that begins with it, so that responses stay small.
Times measure(HttpConnection& writer, HttpConnection& gateway, const std::string& gpu, const std::string& metric,
              double limit) {
  const std::string stamp = base::format_rfc3339(base::now_utc());
  const std::string body = R"({"topic":"telemetry","messages":[{"timestamp":")" + stamp + R"(","metric_name":")" +
                           metric + R"(","gpu_id":"0","uuid":")" + gpu + R"(","value":1}]})";
  const std::string path = "/api/v1/gpus/" + gpu + "/telemetry?start_time=" + stamp;
  Times times;
  const double begun = now();
  writer.must_post("/v1/publish", body);
  times.responded = now() - begun;
  while (true) {
    const Response response = gateway.get(path);
    times.visible = now() - begun;
    if (response.status != 200) throw std::runtime_error("apigw answered " + std::to_string(response.status));
    if (response.body.find(metric) != std::string_view::npos) return times;
    if (times.visible > limit)
      throw std::runtime_error("a message was not visible after " + std::to_string(limit) + " s");
  }
}

void print(const char* name, const std::vector<double>& seconds, const char* end) {
  auto sorted = seconds;
  std::printf("\"%s\": {%s, \"samples_ms\": [", name, percentiles(sorted).c_str());
  for (std::size_t i = 0; i < seconds.size(); ++i) std::printf("%s%.3f", i == 0 ? "" : ", ", 1000 * seconds[i]);
  std::printf("]}%s", end);
}

}  // namespace

int probe(int argc, char** argv) {
  const Options options(argc, argv,
                        {{"writer", "127.0.0.1:8084"},
                         {"gateway", "127.0.0.1:8080"},
                         {"seconds", "60"},
                         {"interval", "1"},
                         {"limit", "30"}});
  HttpConnection writer(options.text("writer")), gateway(options.text("gateway"));
  const std::string run = base::to_string(base::random_uuid()).substr(0, 8);
  const std::string gpu = "GPU-probe-" + run;
  std::vector<double> responded, visible;
  double next = now();
  const double end = next + options.real("seconds");
  for (long i = 0; next < end; ++i) {
    std::this_thread::sleep_for(std::chrono::duration<double>(std::max(0.0, next - now())));
    const Times times =
        measure(writer, gateway, gpu, "probe_" + run + "_" + std::to_string(i) + "_", options.real("limit"));
    responded.push_back(times.responded);
    visible.push_back(times.visible);
    next = std::max(next + options.real("interval"), now());
  }
  std::printf("{");
  print("answered", responded, ", ");
  print("visible", visible, "}\n");
  return 0;
}

}  // namespace prompted::bench
