# Swagger UI, gzip-coded inside the daemons that have an API. Its files are fetched from npm by the first build. They
# are not in this repository, and the page loads nothing from other hosts.
option(PROMPTED_SWAGGER_UI "Swagger UI at /swagger/ (fetched with npm when first built)" ON)

# The only place that names the version. Both lines: npm view swagger-ui-dist@5 version dist.integrity
set(swagger_ui_version 5.35.0)
set(swagger_ui_integrity
  sha512-U06rpMtW9V3XPGOBeamTUSr0Z09jMX4IJuANpE/EZbAhw0G8CgwrzU4YmXkn/h0wCDNsXdGarTNNHC3sU8yVUQ==)

# name|content type|lasting: caches may keep it for a day without revalidation
set(swagger_ui_files
  "index.html|text/html|false"
  "initializer.js|text/javascript|false"
  "swagger-ui.css|text/css|true"
  "swagger-ui-bundle.js|text/javascript|true"
  "favicon-32x32.png|image/png|true"
  "LICENSE|text/plain|true"
  "NOTICE|text/plain|true"
  "swagger-ui-bundle.js.LICENSE.txt|text/plain|true")

# prompted_swagger_ui: an object library (libs/service refers to it weakly, which pulls nothing out of an archive).
function(prompted_swagger_ui_library)
  set(out ${CMAKE_BINARY_DIR}/swagger_ui)
  set(own_dir ${CMAKE_SOURCE_DIR}/libs/service/swagger_ui)
  set(index 0)
  foreach(entry IN LISTS swagger_ui_files)
    string(REPLACE "|" ";" fields ${entry})
    list(GET fields 0 name)
    list(GET fields 1 type)
    list(GET fields 2 lasting)
    set(symbol prompted_swagger_ui_${index})
    math(EXPR index "${index} + 1")
    list(APPEND files ${out}/${name}.gz)
    list(APPEND names ${name})
    string(APPEND blobs "asm(\".section .rodata\\n.globl ${symbol}\\n${symbol}: .incbin \\\"${out}/${name}.gz\\\"\\n"
      ".globl ${symbol}_end\\n${symbol}_end: .byte 0\\n.text\");\n"
      "extern \"C\" const char ${symbol}[];\nextern \"C\" const char ${symbol}_end[];\n")
    string(APPEND table "    {\"${name}\", \"${type}\", ${symbol}, ${symbol}_end, ${lasting}},\n")
  endforeach()
  configure_file(${CMAKE_SOURCE_DIR}/cmake/swagger_ui.cpp.in ${out}/assets.cpp @ONLY)
  # complete: missing after a build that could not fetch the files, so that the next build retries.
  add_custom_command(OUTPUT ${files} ${out}/complete
    COMMAND ${CMAKE_SOURCE_DIR}/cmake/swagger_ui.sh ${swagger_ui_version} ${swagger_ui_integrity}
      ${out} ${own_dir} ${names}
    DEPENDS cmake/swagger_ui.sh cmake/swagger_ui.cmake
      ${own_dir}/index.html ${own_dir}/initializer.js ${own_dir}/without_npm.html
    COMMENT "Swagger UI ${swagger_ui_version}" VERBATIM)
  add_library(prompted_swagger_ui OBJECT ${out}/assets.cpp)
  target_include_directories(prompted_swagger_ui PRIVATE ${CMAKE_SOURCE_DIR}/libs)
  # The link-time optimizer does not see symbols defined in asm.
  set_source_files_properties(${out}/assets.cpp PROPERTIES OBJECT_DEPENDS "${files}" COMPILE_OPTIONS -fno-lto)
endfunction()

# prompted_has_swagger_ui(<executable>...)
function(prompted_has_swagger_ui)
  foreach(target IN LISTS ARGN)
    if(PROMPTED_SWAGGER_UI)
      target_link_libraries(${target} PRIVATE prompted_swagger_ui)
    endif()
  endforeach()
endfunction()

if(PROMPTED_SWAGGER_UI)
  prompted_swagger_ui_library()
endif()
