#include "service/main.hpp"
#include "mqwriter/app.hpp"

int main(int argc, char** argv) {
  namespace mqwriter = prompted::mqwriter;
  return prompted::service::run_main<mqwriter::App>(
      argc, argv, "mqwriter", "Takes telemetry at POST /v1/publish and answers once it is committed to the queue.",
      mqwriter::declare);
}
