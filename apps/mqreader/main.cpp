#include "service/main.hpp"
#include "mqreader/app.hpp"

int main(int argc, char** argv) {
  namespace mqreader = prompted::mqreader;
  return prompted::service::run_main<mqreader::App>(
      argc, argv, "mqreader", "Serves leases and acks of queued telemetry from memory.", mqreader::declare);
}
