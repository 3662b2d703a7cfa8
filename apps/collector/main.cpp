#include "service/main.hpp"
#include "collector/app.hpp"

int main(int argc, char** argv) {
  namespace collector = prompted::collector;
  return prompted::service::run_main<collector::App>(
      argc, argv, "collector", "Consumes messages from the queue and stores them as telemetry rows.",
      collector::declare);
}
