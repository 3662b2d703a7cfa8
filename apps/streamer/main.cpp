#include "service/main.hpp"
#include "streamer/app.hpp"

int main(int argc, char** argv) {
  namespace streamer = prompted::streamer;
  return prompted::service::run_main<streamer::App>(argc, argv, "streamer",
                                                    "Publishes the rows of a CSV file to mqwriter.", streamer::declare);
}
