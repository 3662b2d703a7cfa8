# The version that --version prints: PROMPTED_FIXED_VERSION if it is given (an image is built without .git), otherwise
# what git says of this checkout. The latter is not cached, because a build directory outlives many commits.
if(PROMPTED_FIXED_VERSION)
  set(PROMPTED_VERSION_TEXT "${PROMPTED_FIXED_VERSION}")
else()
  execute_process(COMMAND git describe --always --dirty --tags WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
    OUTPUT_VARIABLE PROMPTED_VERSION_TEXT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(NOT PROMPTED_VERSION_TEXT)
  set(PROMPTED_VERSION_TEXT "unknown")
endif()
