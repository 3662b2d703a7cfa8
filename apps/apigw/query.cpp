#include "apigw/query.hpp"

#include <algorithm>

#include "apigw/format.hpp"
#include "base/error.hpp"

namespace prompted::apigw {

namespace {

using http::Parameters;
using http::text_type;
using std::chrono::milliseconds;

constexpr milliseconds longest_window = std::chrono::days(3660);
constexpr milliseconds longest_step = std::chrono::days(366);
constexpr std::int64_t most_entries = 10000;
// RFC 3339 knows no earlier one.
constexpr base::Instant first_instant = std::chrono::sys_days(std::chrono::year(1) / 1 / 1);

http::ParameterType<std::string> function_type() {
  return http::word_type<std::string>(
      {{"avg", "avg"}, {"min", "min"}, {"max", "max"}, {"last", "last"}, {"sum", "sum"}, {"count", "count"}});
}

/// A metric that is asked for twice is still one.
std::vector<std::string> distinct(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

void declare_metric_names(Parameters& parameters, std::vector<std::string>& target) {
  parameters.query(target, {"metric_name", "Only these metrics. May be given several times.", "DCGM_FI_DEV_GPU_UTIL"},
                   text_type());
  target = distinct(std::move(target));
}

void declare_id(Parameters& parameters, std::string& target) {
  parameters.path(target, {"id", "The GPU, as `GET /api/v1/gpus` lists it", "GPU-0a1b2c3d"});
}

void declare_time(Parameters& parameters, TelemetryParameters& target) {
  parameters.query(target.start,
                   {"start_time", "First instant, inclusive. RFC 3339; a raw `+` in an offset is understood.",
                    "2026-01-01T00:00:00Z"},
                   http::instant_type());
  parameters.query(target.end, {"end_time", "Last instant, inclusive. RFC 3339.", "2099-12-31T23:59:59Z"},
                   http::instant_type());
  parameters.query(target.window,
                   {"window", "The time before `end_time`, or before now. Not together with `start_time`.", ""},
                   http::duration_type(longest_window));
}

void declare_shape(Parameters& parameters, TelemetryParameters& target) {
  parameters.query(target.order, {"order", "By time: oldest first (the default) or newest first.", ""},
                   http::word_type<Order>({{"asc", Order::ascending}, {"desc", Order::descending}}));
  parameters.query(
      target.step,
      {"step",
       "Reduce the values of each metric of each GPU to one a bucket of this length. Buckets begin at whole "
       "multiples of it since 1970-01-01T00:00:00Z.",
       ""},
      http::duration_type(longest_step));
  parameters.query(target.function,
                   {"agg", "How: `avg` when only `step` is given. `count` counts values that are not null.", ""},
                   function_type());
  parameters.query(
      target.limit,
      {"limit",
       "At most so many entries; the answer then has `next_cursor` and a `Link` header with `rel=\"next\"`. "
       "A page may hold fewer (it is also bounded in bytes): go on until `next_cursor` is null.",
       ""},
      http::integer_type(1, most_entries));
  parameters.query(target.cursor,
                   {"cursor", "`next_cursor` of the page before, with the other parameters unchanged.", ""},
                   text_type(6000));
  parameters.header(
      target.known_tag,
      {"If-None-Match", "The `ETag` of an earlier answer for a window that has passed: 304 when nothing came in since.",
       ""},
      http::field_value_type(8192));
  parameters.query(target.format, {"format", "Wins over `Accept`.", ""},
                   http::word_type<Format>({{"json", Format::json}, {"ndjson", Format::ndjson}, {"csv", Format::csv}}));
}

/// By the latest row of each GPU.
void declare_filter(Parameters& parameters, GpuFilter& target) {
  parameters.query(target.hostname, {"hostname", "Only GPUs whose latest row is of this host.", ""}, text_type());
  parameters.query(target.model_name, {"model_name", "Only GPUs of this model.", ""}, text_type());
  parameters.query(target.name_space, {"namespace", "Only GPUs whose latest row is of this namespace.", ""},
                   text_type());
  parameters.query(target.pod, {"pod", "Only GPUs whose latest row is of this pod.", ""}, text_type());
}

void set_bounds(Selection& selection, const TelemetryParameters& parameters, base::Instant now) {
  selection.start = parameters.start;
  selection.end = parameters.end;
  if (!parameters.window) {
    if (selection.start && selection.end && *selection.start > *selection.end) {
      throw base::invalid("start_time must be before or equal to end_time");
    }
    return;
  }
  if (parameters.start) throw base::invalid("window cannot be combined with start_time");
  if (!selection.end) selection.end = now;
  const base::Instant start = *selection.end - *parameters.window;
  if (start >= first_instant) selection.start = start;
}

}  // namespace

void declare(Parameters& parameters, GpuTelemetry& target) {
  target.gpu_id.emplace();
  declare_id(parameters, *target.gpu_id);
  declare_time(parameters, target);
  declare_metric_names(parameters, target.metric_names);
  declare_shape(parameters, target);
}

void declare(Parameters& parameters, FleetTelemetry& target) {
  declare_time(parameters, target);
  declare_metric_names(parameters, target.metric_names);
  parameters.query(target.hostname, {"hostname", "Only rows of this host.", ""}, text_type());
  parameters.query(target.name_space, {"namespace", "Only rows of this Kubernetes namespace.", ""}, text_type());
  parameters.query(target.pod, {"pod", "Only rows of this pod.", ""}, text_type());
  declare_shape(parameters, target);
}

void declare(Parameters& parameters, GpuList& target) {
  declare_filter(parameters, target.filter);
  parameters.query(target.details,
                   {"details", "With model, host, device, pod and the times of the first and the latest row.", ""},
                   http::boolean_type());
}

void declare(Parameters& parameters, OneGpu& target) { declare_id(parameters, target.id); }

void declare(Parameters& parameters, LatestMetrics& target) {
  declare_metric_names(parameters, target.metric_names);
  declare_filter(parameters, target.filter);
}

Selection select(const TelemetryParameters& parameters, std::string_view accept, base::Instant now) {
  Selection selection;
  selection.gpu_id = parameters.gpu_id;
  selection.metric_names = parameters.metric_names;
  selection.hostname = parameters.hostname;
  selection.pod = parameters.pod;
  selection.name_space = parameters.name_space;
  set_bounds(selection, parameters, now);
  selection.order = parameters.order;
  if (parameters.function && !parameters.step) throw base::invalid("agg needs step");
  if (parameters.step) {
    selection.aggregation.emplace();
    selection.aggregation->step = *parameters.step;
    selection.aggregation->function = parameters.function.value_or("avg");
  }
  selection.format = parameters.format.value_or(preferred_format(accept));
  selection.limit = parameters.limit;
  if (parameters.cursor) apply_cursor(selection, *parameters.cursor);
  return selection;
}

}  // namespace prompted::apigw
