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
// RFC 3339 has no earlier instant.
constexpr base::Instant first_instant = std::chrono::sys_days(std::chrono::year(1) / 1 / 1);

http::ParameterType<std::string> function_type() {
  return http::word_type<std::string>(
      {{"avg", "avg"}, {"min", "min"}, {"max", "max"}, {"last", "last"}, {"sum", "sum"}, {"count", "count"}});
}

/// Removes repeated names.
std::vector<std::string> distinct(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

void declare_metric_names(Parameters& parameters, std::vector<std::string>& target) {
  parameters.query(target, {"metric_name", "Only these metrics. May be repeated.", "DCGM_FI_DEV_GPU_UTIL"},
                   text_type());
  target = distinct(std::move(target));
}

void declare_id(Parameters& parameters, std::string& target) {
  parameters.path(target, {"id", "GPU id, as listed by `GET /api/v1/gpus`", "GPU-0a1b2c3d"});
}

void declare_time(Parameters& parameters, TelemetryParameters& target) {
  parameters.query(target.start,
                   {"start_time", "Start of the time range, inclusive. RFC 3339; a raw `+` in an offset is accepted.",
                    "2026-01-01T00:00:00Z"},
                   http::instant_type());
  parameters.query(target.end, {"end_time", "End of the time range, inclusive. RFC 3339.", "2099-12-31T23:59:59Z"},
                   http::instant_type());
  parameters.query(
      target.window,
      {"window", "Length of the time range that ends at `end_time`, or now. Cannot be combined with `start_time`.", ""},
      http::duration_type(longest_window));
}

void declare_shape(Parameters& parameters, TelemetryParameters& target) {
  parameters.query(target.order, {"order", "`asc`: oldest first (the default). `desc`: newest first.", ""},
                   http::word_type<Order>({{"asc", Order::ascending}, {"desc", Order::descending}}));
  parameters.query(
      target.step,
      {"step",
       "Aggregate the values of each metric and GPU into buckets of this length, aligned to 1970-01-01T00:00:00Z.", ""},
      http::duration_type(longest_step));
  parameters.query(target.function,
                   {"agg", "Aggregate function, with `step`. Defaults to `avg`. `count` counts non-null values.", ""},
                   function_type());
  parameters.query(
      target.limit,
      {"limit",
       "Maximum entries per page. The response then has `next_cursor` and, unless it is the last page, a `Link` header "
       "with `rel=\"next\"`. A page may hold fewer entries because its size in bytes is limited too: continue until "
       "`next_cursor` is null.",
       ""},
      http::integer_type(1, most_entries));
  parameters.query(target.cursor,
                   {"cursor", "`next_cursor` of the previous page. Keep the other parameters unchanged.", ""},
                   text_type(6000));
  parameters.header(
      target.known_tag,
      {"If-None-Match",
       "`ETag` of an earlier response for a time range in the past. Returns 304 if no row has arrived since.", ""},
      http::field_value_type(8192));
  parameters.query(target.format, {"format", "Response format; takes precedence over `Accept`.", ""},
                   http::word_type<Format>({{"json", Format::json}, {"ndjson", Format::ndjson}, {"csv", Format::csv}}));
}

/// By the latest row of each GPU.
void declare_filter(Parameters& parameters, GpuFilter& target) {
  parameters.query(target.hostname, {"hostname", "Only GPUs whose latest row is from this host.", ""}, text_type());
  parameters.query(target.model_name, {"model_name", "Only GPUs of this model.", ""}, text_type());
  parameters.query(target.name_space,
                   {"namespace", "Only GPUs whose latest row is from this Kubernetes namespace.", ""}, text_type());
  parameters.query(target.pod, {"pod", "Only GPUs whose latest row is from this pod.", ""}, text_type());
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
  parameters.query(target.hostname, {"hostname", "Only rows from this host.", ""}, text_type());
  parameters.query(target.name_space, {"namespace", "Only rows from this Kubernetes namespace.", ""}, text_type());
  parameters.query(target.pod, {"pod", "Only rows from this pod.", ""}, text_type());
  declare_shape(parameters, target);
}

void declare(Parameters& parameters, GpuList& target) {
  declare_filter(parameters, target.filter);
  parameters.query(
      target.details,
      {"details", "Include model, host, device, namespace, pod, container and the times of the first and latest row.",
       ""},
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
