// Asio's non-template code, compiled once for all (BOOST_ASIO_SEPARATE_COMPILATION, see cmake/dependencies.cmake).
#include <boost/asio/impl/src.hpp>
