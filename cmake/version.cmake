# The version that --version prints: this checkout's version from git.
execute_process(COMMAND git describe --always --dirty --tags
  WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} OUTPUT_VARIABLE described OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
set(PROMPTED_VERSION "${described}" CACHE STRING "Version that the daemons print")
if(PROMPTED_VERSION STREQUAL "")
  set(PROMPTED_VERSION "unknown")
endif()
