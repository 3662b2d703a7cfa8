# Debian packages only; CONTRIBUTING.md explains each.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS url)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(simdjson REQUIRED)
find_package(ZLIB REQUIRED)
find_package(CLI11 REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED COMPONENTS core)
find_package(PkgConfig REQUIRED)
pkg_check_modules(libpqxx REQUIRED IMPORTED_TARGET libpqxx)
pkg_check_modules(libpq REQUIRED IMPORTED_TARGET libpq)
add_library(libpqxx INTERFACE)
target_link_libraries(libpqxx INTERFACE PkgConfig::libpqxx)
find_library(CSV_LIBRARY csv REQUIRED)
add_library(csv INTERFACE)
target_link_libraries(csv INTERFACE ${CSV_LIBRARY})

# Asio's and Beast's non-template code is compiled once, in libs/base/asio.cpp and libs/http/beast.cpp.
add_library(prompted_asio INTERFACE)
target_link_libraries(prompted_asio INTERFACE Boost::headers Threads::Threads)
target_compile_definitions(prompted_asio INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
