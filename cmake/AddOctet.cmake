# The project's few CMake verbs. Every C++ target gets the same flags here, and
# every library is remembered, so that the drivers link "all of Octet" without
# keeping a list of their own.

set_property(GLOBAL PROPERTY OCTET_LIBRARIES "")

function(octet_target_flags TARGET)
  target_include_directories(${TARGET} PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
  target_include_directories(${TARGET} SYSTEM PRIVATE ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
  target_compile_options(${TARGET} PRIVATE -Wall -Wextra -Wno-unused-parameter
                                           $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions>)
  if(OCTET_ASSERTIONS)
    target_compile_options(${TARGET} PRIVATE -UNDEBUG)
  endif()
  if(OCTET_SANITIZE)
    target_compile_options(${TARGET} PRIVATE -fsanitize=${OCTET_SANITIZE} -fno-omit-frame-pointer
                                             -fno-sanitize=vptr -fno-sanitize-recover=undefined)
    # Inline functions of MLIR's headers copy nothing from null, which C2y allows.
    if(OCTET_SANITIZE MATCHES undefined)
      target_compile_options(${TARGET} PRIVATE -fno-sanitize=nonnull-attribute)
    endif()
    target_link_options(${TARGET} PRIVATE -fsanitize=${OCTET_SANITIZE})
  endif()
  # What libFuzzer steers by. The libraries of the unit tests and of the fuzz targets are the
  # same ones, so that both cost one build; the sanitizers' runtime has stand-ins for programs
  # without libFuzzer.
  if(OCTET_FUZZ)
    target_compile_options(${TARGET} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
endfunction()

# octet_add_library(NAME sources... [LINK libs...] [DEPENDS targets...])
function(octet_add_library NAME)
  cmake_parse_arguments(ARG "" "" "LINK;DEPENDS" ${ARGN})
  add_library(${NAME} STATIC ${ARG_UNPARSED_ARGUMENTS})
  octet_target_flags(${NAME})
  target_link_libraries(${NAME} PUBLIC ${ARG_LINK} MLIR LLVM)
  if(ARG_DEPENDS)
    add_dependencies(${NAME} ${ARG_DEPENDS})
  endif()
  set_property(GLOBAL APPEND PROPERTY OCTET_LIBRARIES ${NAME})
endfunction()

# octet_add_tool(NAME sources... [LINK libs...]): a driver in build/<preset>/bin
function(octet_add_tool NAME)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_executable(${NAME} ${ARG_UNPARSED_ARGUMENTS})
  octet_target_flags(${NAME})
  target_link_libraries(${NAME} PRIVATE ${ARG_LINK})
endfunction()

# octet_add_unit_test(NAME sources... [LINK libs...]): a GoogleTest binary, one
# CTest entry with the label `unit`. The target octet-unit-tests builds all of them.
add_custom_target(octet-unit-tests)
function(octet_add_unit_test NAME)
  octet_add_tool(${NAME} ${ARGN})
  target_link_libraries(${NAME} PRIVATE GTest::gtest GTest::gtest_main)
  add_test(NAME ${NAME} COMMAND ${NAME})
  set_tests_properties(${NAME} PROPERTIES LABELS unit)
  add_dependencies(octet-unit-tests ${NAME})
endfunction()

# octet_tablegen(OUTPUT FLAGS...): generates OUTPUT from LLVM_TARGET_DEFINITIONS
function(octet_tablegen OUTPUT)
  mlir_tablegen(${OUTPUT} ${ARGN} EXTRA_INCLUDES ${CMAKE_SOURCE_DIR} ${MLIR_INCLUDE_DIRS})
  set(TABLEGEN_OUTPUT ${TABLEGEN_OUTPUT} PARENT_SCOPE)
endfunction()

# octet_add_pass_library(NAME GROUP sources... [LINK libs...]): passes declared in
# Passes.td of the current folder; GROUP names register<GROUP>Passes()
function(octet_add_pass_library NAME GROUP)
  set(LLVM_TARGET_DEFINITIONS Passes.td)
  octet_tablegen(Passes.h.inc -gen-pass-decls -name=${GROUP})
  add_public_tablegen_target(${NAME}IncGen)
  octet_add_library(${NAME} ${ARGN} DEPENDS ${NAME}IncGen OctetDialectIncGen)
endfunction()

# octet_embed_texts(HEADER NAME FILE [NAME FILE...]): a header of the binary folder with the
# content of text files as constants. Written when a file has changed.
function(octet_embed_texts HEADER)
  set(CONTENT "// Made by octet_embed_texts.\n\n")
  set(ARGUMENTS ${ARGN})
  while(ARGUMENTS)
    list(POP_FRONT ARGUMENTS NAME FILE)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${FILE}")
    file(READ "${FILE}" TEXT)
    string(APPEND CONTENT "inline constexpr char ${NAME}[] = R\"embedded(${TEXT})embedded\";\n")
  endwhile()
  set(PATH "${CMAKE_CURRENT_BINARY_DIR}/${HEADER}")
  file(WRITE "${PATH}.new" "${CONTENT}")
  file(COPY_FILE "${PATH}.new" "${PATH}" ONLY_IF_DIFFERENT)
endfunction()
