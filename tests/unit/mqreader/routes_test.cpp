#include "mqreader/routes.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "models/dead_letters.hpp"
#include "models/lease_response_writer.hpp"
#include "models/partitions.hpp"
#include "models/queue.hpp"
#include "mqreader/dead_letters/parameters.hpp"
#include "service/health.hpp"

namespace prompted::mqreader {
namespace {

using nlohmann::json;

json document_of_all() {
  http::Router router;
  service::Health::add_routes(router, nullptr);
  document(router);
  return json::parse(http::openapi(api(), router.routes()));
}

/// Follows one $ref.
json resolved(const json& doc, const json& schema) {
  if (!schema.contains("$ref")) return schema;
  return doc.at(json::json_pointer(schema["$ref"].get<std::string>().substr(1)));
}

void parse_body(const std::string& path, const std::string& body) {
  if (path == "/v1/lease") models::parse_lease(body);
  else if (path == "/v1/ack") models::parse_ack(body);
  else if (path == "/v1/nack") models::parse_nack(body);
  else if (path == "/v1/extend") models::parse_extend(body);
  else models::parse_selection(body);
}

TEST(MqreaderRoutes, EveryOneIsDocumented) {
  http::Router router;
  document(router);
  ASSERT_EQ(router.routes().size(), 8u);
  for (const auto& route : router.routes()) EXPECT_FALSE(route.operation.id.empty()) << route.pattern;
  const json doc = document_of_all();
  EXPECT_EQ(doc["paths"].size(), 11u);
  EXPECT_TRUE(doc["paths"]["/v1/extend"]["post"]["responses"].contains("409"));
  EXPECT_FALSE(doc["paths"]["/v1/ack"]["post"]["responses"].contains("409"));
}

TEST(MqreaderRoutes, ExamplesAreTakenAndWhatIsRequiredIsRequired) {
  const json doc = document_of_all();
  int bodies = 0;
  for (const auto& [path, methods] : doc["paths"].items()) {
    if (!methods.contains("post")) continue;
    const json content = methods["post"]["requestBody"]["content"]["application/json"];
    const json body = content["example"];
    const json schema = resolved(doc, content["schema"]);
    ++bodies;
    EXPECT_NO_THROW(parse_body(path, body.dump())) << path;
    for (const auto& [name, value] : body.items()) EXPECT_TRUE(schema["properties"].contains(name)) << path << name;
    for (const std::string name : schema.value("required", json::array())) {
      json without = body;
      without.erase(name);
      EXPECT_THROW(parse_body(path, without.dump()), base::Error) << path << " " << name;
    }
  }
  EXPECT_EQ(bodies, 6);
}

TEST(MqreaderRoutes, BoundsOfTheSchemasAreThoseOfTheParsers) {
  const json doc = document_of_all();
  const json& schemas = doc["components"]["schemas"];
  const auto lease = [](const std::string& name, const json& value) {
    json body = json::parse(R"({"topic":"t","consumer_id":"c","max":1,"lease_seconds":1})");
    body[name] = value;
    models::parse_lease(body.dump());
  };
  const json& wait = schemas["LeaseRequest"]["properties"]["wait_ms"];
  EXPECT_NO_THROW(lease("wait_ms", wait["maximum"]));
  EXPECT_THROW(lease("wait_ms", wait["maximum"].get<int>() + 1), base::Error);
  EXPECT_NO_THROW(lease("wait_ms", wait["minimum"]));
  EXPECT_THROW(lease("wait_ms", wait["minimum"].get<int>() - 1), base::Error);
  const json& max = schemas["LeaseRequest"]["properties"]["max"];
  EXPECT_NO_THROW(lease("max", max["minimum"]));
  EXPECT_THROW(lease("max", max["minimum"].get<int>() - 1), base::Error);
  EXPECT_NO_THROW(lease("lease_seconds", 0.001));
  EXPECT_THROW(lease("lease_seconds", schemas["LeaseRequest"]["properties"]["lease_seconds"]["minimum"]), base::Error);

  const auto nack = [](const json& delay) {
    json body = json::parse(R"({"topic":"t","consumer_id":"c","lease_id":"l"})");
    body["delay_ms"] = delay;
    models::parse_nack(body.dump());
  };
  const json& delay = schemas["NackRequest"]["properties"]["delay_ms"];
  EXPECT_NO_THROW(nack(delay["maximum"]));
  EXPECT_THROW(nack(delay["maximum"].get<int>() + 1), base::Error);

  for (const std::string path : {"lease", "ack", "nack", "extend"}) {
    json body = json::parse(R"({"topic":"t","consumer_id":"c","lease_id":"l","max":1,"lease_seconds":1})");
    const std::string name(1, static_cast<char>(std::toupper(path[0])));
    for (const auto& [member, schema] : schemas[name + path.substr(1) + "Request"]["properties"].items()) {
      json longest = body;
      json longer = body;
      if (schema.contains("maxLength")) {
        longest[member] = std::string(schema["maxLength"].get<std::size_t>(), 'x');
        longer[member] = longest[member].get<std::string>() + "x";
      } else if (schema.contains("maxItems")) {
        longest[member] = json::array();
        for (int i = 0; i < schema["maxItems"]; ++i) longest[member].push_back(base::to_string(base::Uuid()));
        longer[member] = longest[member];
        longer[member].push_back(base::to_string(base::Uuid()));
      } else {
        EXPECT_NE(schema["type"] == "array", true) << member;
        EXPECT_TRUE(schema["type"] != "string" || member == "reason") << member;
        continue;
      }
      EXPECT_NO_THROW(parse_body("/v1/" + path, longest.dump())) << path << member;
      EXPECT_THROW(parse_body("/v1/" + path, longer.dump()), base::Error) << path << member;
    }
  }
}

void expect_members(const json& schema, const std::string& response) {
  const json members = json::parse(response);
  EXPECT_EQ(schema["required"].size(), members.size()) << response;
  EXPECT_EQ(schema["additionalProperties"], false) << response;
  for (const std::string name : schema["required"]) EXPECT_TRUE(members.contains(name)) << name;
}

TEST(MqreaderRoutes, RepliesHaveTheMembersOfTheirSchemas) {
  const json schemas = document_of_all()["components"]["schemas"];
  expect_members(schemas["AckAnswer"], models::ack_response(1));
  expect_members(schemas["NackAnswer"], models::nack_response(1, 2));
  expect_members(schemas["ExtendAnswer"], models::extend_response(base::now_utc()));
  expect_members(schemas["RedriveAnswer"], models::redrive_response(1));
  expect_members(schemas["PurgeAnswer"], models::purge_response(1));
  expect_members(schemas["DeadLetters"], models::DeadLettersResponse().finish(std::nullopt));
  expect_members(schemas["Partitions"], models::partitions_response(models::ReaderState()));
  models::LeaseResponseWriter lease(base::random_uuid(), base::now_utc(), 0);
  lease.add(base::random_uuid(), 1, 2, "{}");
  const std::string text = std::move(lease).finish();
  expect_members(schemas["Lease"], text);
  expect_members(schemas["Message"], json::parse(text)["messages"][0].dump());
}

TEST(DeadLetterParameters, DefaultsAndLimits) {
  const auto plain = http::parse<DeadLetterParameters>(http::Request()).query;
  EXPECT_FALSE(plain.topic);
  EXPECT_FALSE(plain.after);
  EXPECT_EQ(plain.limit, 100);

  models::DeadLetterPlace place;
  place.topic = "t";
  http::Request full;
  full.query = {{"topic", "t"}, {"limit", "1000"}, {"cursor", models::to_cursor(place)}};
  const auto query = http::parse<DeadLetterParameters>(full).query;
  EXPECT_EQ(query.topic, "t");
  EXPECT_EQ(query.limit, 1000);
  ASSERT_TRUE(query.after);
  EXPECT_EQ(query.after->topic, "t");
}

}  // namespace
}  // namespace prompted::mqreader
