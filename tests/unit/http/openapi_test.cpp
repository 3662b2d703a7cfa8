#include "http/openapi.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace prompted::http {
namespace {

using nlohmann::json;

struct Listing {
  std::string id;
  std::vector<std::string> metrics;
};

void declare(Parameters& parameters, Listing& target) {
  parameters.path(target.id, {"id", "The GPU", "GPU-1"});
  parameters.query(target.metrics, {"metric", "Any of", "util"}, text_type(), 20);
}

Api api() {
  Api made;
  made.title = "A title";
  made.description = "Some *Markdown*";
  made.tags = {{"b", "second"}, {"a", "first"}};
  made.components = {{"Gpu", R"({"type":"object"})"}, {"Gpus", R"({"type":"array","items":)" + ref("Gpu") + "}"}};
  return made;
}

Route get_gpu() {
  Route route;
  route.pattern = "/gpus/{id}";
  route.operation.id = "getGpu";
  route.operation.tag = "b";
  route.operation.summary = "One GPU";
  route.operation.parameters = describe<Listing>();
  route.operation.responses = {{200,
                                "It",
                                {{"application/json", ref("Gpu"), R"({"id":"GPU-1"})"},
                                 {"text/csv", R"({"type":"string"})", "id\nGPU-1\n"},
                                 {"application/x-ndjson", R"({"type":"string"})", "{}\n{}\n"}},
                                {{"ETag", "Of the answer"}}}};
  route.operation.problems = {404};
  return route;
}

Route post_gpu() {
  Route route;
  route.method = Method::post;
  route.pattern = "/gpus";
  route.operation.id = "postGpu";
  route.operation.tag = "a";
  route.operation.body = BodyDoc{"application/json", ref("Gpus"), R"([{"b":1,"a":2}])"};
  route.operation.responses = {{204, "Taken", {}}, {503, "Own", {{"application/json", R"({"type":"object"})"}}}};
  return route;
}

json document() { return json::parse(openapi(api(), {get_gpu(), post_gpu()})); }

TEST(OpenApi, HasTheShapeOfTheStandard) {
  const json doc = document();
  EXPECT_EQ(doc["openapi"], "3.0.3");
  EXPECT_EQ(doc["info"]["title"], "A title");
  EXPECT_EQ(doc["info"]["description"], "Some *Markdown*");
  EXPECT_TRUE(doc["info"]["version"].is_string());
  EXPECT_EQ(doc["servers"], json::parse(R"([{"url":"/"}])"));
  EXPECT_EQ(doc["tags"], json::parse(R"([{"name":"b","description":"second"},{"name":"a","description":"first"}])"));
  const json& get = doc["paths"]["/gpus/{id}"]["get"];
  EXPECT_EQ(get["operationId"], "getGpu");
  EXPECT_EQ(get["tags"], json::parse(R"(["b"])"));
  EXPECT_FALSE(get.contains("requestBody"));
  EXPECT_EQ(get["parameters"], json::parse(R"([
    {"name":"id","in":"path","required":true,"description":"The GPU","example":"GPU-1",
     "schema":{"type":"string","minLength":1,"maxLength":256,"pattern":"^[^\\u0000]*$"}},
    {"name":"metric","in":"query","description":"Any of","example":["util"],
     "schema":{"type":"array","maxItems":20,"items":{"type":"string","maxLength":256,"pattern":"^[^\\u0000]*$"}}}])"));
}

TEST(OpenApi, BodiesHaveSchemaAndExample) {
  const json doc = document();
  const json& body = doc["paths"]["/gpus"]["post"]["requestBody"];
  EXPECT_EQ(body["required"], true);
  EXPECT_EQ(body["content"]["application/json"],
            json::parse(R"({"schema":{"$ref":"#/components/schemas/Gpus"},"example":[{"a":2,"b":1}]})"));
  const json& response = doc["paths"]["/gpus/{id}"]["get"]["responses"]["200"];
  EXPECT_EQ(response["content"]["application/json"]["example"], json::parse(R"({"id":"GPU-1"})"));
  EXPECT_EQ(response["content"]["text/csv"]["example"], "id\nGPU-1\n");
  EXPECT_EQ(response["content"]["application/x-ndjson"]["example"], "{}\n{}\n");
  EXPECT_EQ(response["headers"]["ETag"], json::parse(R"({"description":"Of the answer","schema":{"type":"string"}})"));
  EXPECT_FALSE(doc["paths"]["/gpus"]["post"]["responses"]["204"].contains("content"));
}

TEST(OpenApi, EveryOperationHasTheProblemsOfEveryOperation) {
  const json doc = document();
  const json& get = doc["paths"]["/gpus/{id}"]["get"]["responses"];
  for (const char* status : {"400", "404", "413", "431", "500", "503"}) {
    ASSERT_TRUE(get.contains(status)) << status;
    EXPECT_EQ(get[status]["content"]["application/problem+json"]["schema"]["$ref"], "#/components/schemas/Problem");
    EXPECT_FALSE(get[status]["description"].get<std::string>().empty());
  }
  EXPECT_TRUE(get["503"]["headers"].contains("Retry-After"));
  const json& post = doc["paths"]["/gpus"]["post"]["responses"];
  EXPECT_FALSE(post.contains("404"));
  EXPECT_EQ(post["503"]["description"], "Own");  // a declared response is not overwritten
  const json& problem = doc["components"]["schemas"]["Problem"];
  EXPECT_EQ(problem["required"], json::parse(R"(["type","title","status","detail","error"])"));
}

TEST(OpenApi, TheSameRoutesGiveTheSameText) {
  const std::string once = openapi(api(), {get_gpu(), post_gpu()});
  EXPECT_EQ(once, openapi(api(), {get_gpu(), post_gpu()}));
  EXPECT_TRUE(once.ends_with("}\n"));
  EXPECT_LT(once.find("\"b\": 1"), once.find("\"a\": 2"));  // an example stays as it was written
}

TEST(OpenApi, ARouteWithoutAnIdIsLeftOut) {
  Route hidden = get_gpu();
  hidden.operation.id.clear();
  EXPECT_EQ(json::parse(openapi(api(), {hidden}))["paths"], json::object());
}

/// The error from openapi() for a route modified by `spoil`; the unmodified route is valid.
template <class Spoil>
std::string fault(const Spoil& spoil) {
  Api spoilt_api = api();
  Route route = get_gpu();
  EXPECT_NO_THROW(openapi(spoilt_api, {route, post_gpu()}));
  spoil(spoilt_api, route);
  try {
    openapi(spoilt_api, {route, post_gpu()});
  } catch (const std::logic_error& error) {
    return error.what();
  }
  return "no error";
}

TEST(OpenApi, MistakesOfTheTableAreLogicErrors) {
  EXPECT_EQ(fault([](Api&, Route& route) { route.operation.responses[0].bodies[0].schema = "{"; }),
            "getGpu: not JSON: {");
  EXPECT_EQ(fault([](Api&, Route& route) { route.operation.responses[0].bodies[0].example = "GPU-1"; }),
            "getGpu: not JSON: GPU-1");
  EXPECT_EQ(fault([](Api& spoilt, Route&) { spoilt.components[0].second = ""; }), "Gpu: not JSON: ");
  EXPECT_EQ(fault([](Api&, Route& route) { route.operation.parameters[0].schema = "string"; }), "id: not JSON: string");
  EXPECT_EQ(fault([](Api&, Route& route) { route.operation.id = "postGpu"; }), "operation id twice: postGpu");
  EXPECT_EQ(fault([](Api&, Route& route) { route.pattern = "/gpus/{id}/{name}"; }),
            "/gpus/{id}/{name}: undeclared parameter");
  EXPECT_EQ(fault([](Api&, Route& route) { route.pattern = "/gpus/{gpu}"; }), "/gpus/{gpu} has no {id}");
  EXPECT_EQ(fault([](Api&, Route& route) { route.operation.parameters.push_back(route.operation.parameters[1]); }),
            "getGpu: twice: metric");
  EXPECT_EQ(fault([](Api&, Route& route) { route.operation.responses[0].bodies[0].schema = ref("Nothing"); }),
            "$ref to nothing: #/components/schemas/Nothing");
  EXPECT_EQ(fault([](Api& spoilt, Route&) { spoilt.components.erase(spoilt.components.begin()); }),
            "$ref to nothing: #/components/schemas/Gpu");
}

}  // namespace
}  // namespace prompted::http
