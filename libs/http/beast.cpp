// Beast's non-template code, compiled once (BOOST_BEAST_SEPARATE_COMPILATION, see cmake/dependencies.cmake).
#include <boost/beast/src.hpp>
