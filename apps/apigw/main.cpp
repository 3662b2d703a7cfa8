#include "service/main.hpp"
#include "apigw/app.hpp"

int main(int argc, char** argv) {
  namespace apigw = prompted::apigw;
  return prompted::service::run_main<apigw::App>(argc, argv, "apigw", "Serves GPU telemetry over a REST API.",
                                                 apigw::declare);
}
