# Swagger UI, gzip-coded inside the daemons that have an API. Its files come from npm when they are first built, never from
# this repository, and never from another host when the page is looked at.
option(PROMPTED_SWAGGER_UI "Swagger UI at /swagger/ (fetched with npm when first built)" ON)

# The one place that names the version. Both lines: npm view swagger-ui-dist@5 version dist.integrity
set(swagger_ui_version 5.35.0)
set(swagger_ui_integrity sha512-U06rpMtW9V3XPGOBeamTUSr0Z09jMX4IJuANpE/EZbAhw0G8CgwrzU4YmXkn/h0wCDNsXdGarTNNHC3sU8yVUQ==)

# name|content type|lasting: no cache needs to ask again within a day
set(swagger_ui_own
  "index.html|text/html\\; charset=utf-8|false"
  "initializer.js|text/javascript\\; charset=utf-8|false")
set(swagger_ui_packaged
  "swagger-ui.css|text/css\\; charset=utf-8|true"
  "swagger-ui-bundle.js|text/javascript\\; charset=utf-8|true"
  "favicon-32x32.png|image/png|true"
  "LICENSE|text/plain\\; charset=utf-8|true"
  "NOTICE|text/plain\\; charset=utf-8|true"
  "swagger-ui-bundle.js.LICENSE.txt|text/plain\\; charset=utf-8|true")

# prompted_swagger_ui: an object library (libs/service refers to it weakly, which pulls nothing out of an archive).
function(prompted_swagger_ui_library)
  set(out ${CMAKE_BINARY_DIR}/swagger_ui)
  set(own_dir ${CMAKE_SOURCE_DIR}/libs/service/swagger_ui)
  set(index 0)
  foreach(entry IN LISTS swagger_ui_own swagger_ui_packaged)
    string(REGEX MATCH "^[^|]+" name "${entry}")
    string(REGEX REPLACE "^[^|]+\\|(.*)\\|.*$" "\\1" type "${entry}")
    string(REGEX MATCH "[^|]+$" lasting "${entry}")
    set(symbol prompted_swagger_ui_${index})
    math(EXPR index "${index} + 1")
    list(APPEND files ${out}/${name}.gz)
    list(APPEND names ${name})
    string(APPEND blobs "asm(\".section .rodata\\n.globl ${symbol}\\n${symbol}: .incbin \\\"${out}/${name}.gz\\\"\\n"
      ".globl ${symbol}_end\\n${symbol}_end: .byte 0\\n.text\");\n"
      "extern \"C\" const char ${symbol}[]\;\nextern \"C\" const char ${symbol}_end[]\;\n")
    string(APPEND table "    {\"${name}\", \"${type}\", ${symbol}, ${symbol}_end, ${lasting}},\n")
  endforeach()
  foreach(entry IN LISTS swagger_ui_own)
    string(REGEX MATCH "^[^|]+" name "${entry}")
    list(APPEND own ${own_dir}/${name})
  endforeach()
  configure_file(${CMAKE_SOURCE_DIR}/cmake/swagger_ui.cpp.in ${out}/assets.cpp @ONLY)
  add_custom_command(OUTPUT ${files}
    COMMAND ${CMAKE_SOURCE_DIR}/cmake/swagger_ui.sh ${swagger_ui_version} ${swagger_ui_integrity} ${out} ${own_dir} ${names}
    DEPENDS ${CMAKE_SOURCE_DIR}/cmake/swagger_ui.sh ${CMAKE_SOURCE_DIR}/cmake/swagger_ui.cmake ${own}
    COMMENT "Swagger UI ${swagger_ui_version}" VERBATIM)
  add_library(prompted_swagger_ui OBJECT ${out}/assets.cpp)
  target_include_directories(prompted_swagger_ui PRIVATE ${CMAKE_SOURCE_DIR}/libs)
  # Symbols made by asm are unknown to a link-time optimizer.
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
