#include "service/main.hpp"
#include "mqreader/app.hpp"

int main(int argc, char** argv) {
  namespace mqreader = prompted::mqreader;
  return prompted::service::run_main<mqreader::App>(
      argc, argv, "mqreader", "Leases queued messages to consumers and deletes them when acknowledged.",
      mqreader::declare);
}
