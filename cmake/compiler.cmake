# Language, warnings, sanitizers and ccache for every target of the project.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

find_program(CCACHE ccache)
if(CCACHE)
  # Paths relative to the checkout: two clones on one machine share ccache results.
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wnon-virtual-dtor -Woverloaded-virtual)
# On in test builds (presets dev, tsan, asan), off in user builds, and only for the compiler used in development: a
# newer compiler's new warning must not break a user's build.
option(PROMPTED_WERROR "Warnings of g++ 12 are errors" OFF)
if(PROMPTED_WERROR AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  add_compile_options(-Werror)
endif()

# thread | address (with undefined behaviour) | empty
set(PROMPTED_SANITIZER "" CACHE STRING "Sanitizer: thread, address or empty")
if(PROMPTED_SANITIZER STREQUAL "thread")
  # g++ 12 warns about atomic_thread_fence under TSan and, at -O1, of coroutine frames' allocation, both in Asio's
  # headers.
  add_compile_options(-fsanitize=thread -Wno-tsan -Wno-mismatched-new-delete -fno-omit-frame-pointer -g1 -O1)
  add_link_options(-fsanitize=thread)
elseif(PROMPTED_SANITIZER STREQUAL "address")
  # The same for coroutine frames. ASan's instrumentation also makes g++ 12 report uninitialized members in
  # std::function and std::optional.
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -g1 -O1
    -Wno-mismatched-new-delete -Wno-maybe-uninitialized)
  add_link_options(-fsanitize=address,undefined)
endif()

option(PROMPTED_COVERAGE "Instrument for coverage" OFF)
if(PROMPTED_COVERAGE)
  add_compile_options(--coverage -O0 -g1)
  add_link_options(--coverage)
endif()
