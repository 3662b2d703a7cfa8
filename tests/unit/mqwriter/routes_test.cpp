#include "mqwriter/routes.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "models/publish.hpp"
#include "service/health.hpp"

namespace prompted::mqwriter {
namespace {

using nlohmann::json;

json document_of_all() {
  http::Router router;
  service::Health::add_routes(router, nullptr);
  document(router);
  return json::parse(http::openapi(api(), router.routes()));
}

TEST(MqwriterRoutes, EveryOneIsDocumented) {
  http::Router router;
  document(router);
  ASSERT_EQ(router.routes().size(), 2u);
  for (const auto& route : router.routes()) EXPECT_FALSE(route.operation.id.empty()) << route.pattern;
  const json doc = document_of_all();
  for (const char* path : {"/v1/publish", "/metrics/buffer", "/healthz", "/readyz", "/metrics"})
    EXPECT_TRUE(doc["paths"].contains(path)) << path;
  EXPECT_EQ(doc["paths"]["/v1/publish"]["post"]["parameters"][0]["name"], "Idempotency-Key");
}

TEST(MqwriterRoutes, ThePublishExampleIsTaken) {
  const json doc = document_of_all();
  const json body = doc["paths"]["/v1/publish"]["post"]["requestBody"]["content"]["application/json"]["example"];
  const std::string text = body.dump();
  const auto request = models::scan_publish(text);
  EXPECT_EQ(request.topic, "telemetry");
  ASSERT_EQ(request.messages.size(), 1u);
  EXPECT_EQ(request.messages[0].gpu, "GPU-0a1b2c3d");
}

TEST(MqwriterRoutes, WhatTheSchemaRequiresIsRequired) {
  const json doc = document_of_all();
  const json body = doc["paths"]["/v1/publish"]["post"]["requestBody"]["content"]["application/json"]["example"];
  const json required = doc["components"]["schemas"]["PublishRequest"]["required"];
  ASSERT_EQ(required.size(), body.size());
  for (const std::string name : required) {
    json without = body;
    without.erase(name);
    const std::string text = without.dump();
    EXPECT_THROW(models::scan_publish(text), base::Error) << name;
  }
}

TEST(MqwriterRoutes, TheReplyHasTheMembersOfItsSchema) {
  const json schema = document_of_all()["components"]["schemas"]["PublishAnswer"];
  const json response = json::parse(models::publish_response(3, 1));
  ASSERT_EQ(schema["required"].size(), response.size());
  for (const std::string name : schema["required"]) EXPECT_TRUE(response.contains(name)) << name;
}

}  // namespace
}  // namespace prompted::mqwriter
