#include "service/main.hpp"
#include "mqwriter/app.hpp"

int main(int argc, char** argv) {
  namespace mqwriter = prompted::mqwriter;
  return prompted::service::run_main<mqwriter::App>(
      argc, argv, "mqwriter", "Accepts telemetry at POST /v1/publish and commits it to the queue before responding.",
      mqwriter::declare);
}
