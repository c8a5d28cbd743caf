# octet_add_model: a neural network as a library target.
#
#   octet_add_model(<target> <model.onnx>
#                   [NAME <identifier>]         prefix of the C functions; <target>
#                   [PRECISION int8|bf16|f32]
#                   [CALIBRATE <data.npz>]      samples to calibrate with, or
#                   [CALIBRATION <table.json>]  the result of an earlier calibration
#                   [CONFIG <config.json>]
#                   [TARGET_CPU <cpu>]          as --target of octetc
#                   [OPTIONS <option>...])      anything else for octetc
#
# Compiles the model when it, or something else named here, has changed. Linking
# <target> brings in the header <identifier>.h, the compiled code and the runtime.
#
# The compiler is the target `octetc` where it is built in the same project; other
# projects include this file and have octetc in PATH, or set OCTETC_EXECUTABLE.

function(octet_add_model TARGET MODEL)
  cmake_parse_arguments(PARSE_ARGV 2 ARG "" "NAME;PRECISION;CALIBRATE;CALIBRATION;CONFIG;TARGET_CPU"
                        "OPTIONS")
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "octet_add_model(${TARGET}): unknown arguments: ${ARG_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT ARG_NAME)
    string(MAKE_C_IDENTIFIER "${TARGET}" ARG_NAME)
  endif()

  if(TARGET octetc)
    set(COMPILER octetc)
  else()
    find_program(OCTETC_EXECUTABLE octetc REQUIRED
                 HINTS "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../build/release/bin"
                 DOC "The compiler of octet_add_model")
    set(COMPILER "${OCTETC_EXECUTABLE}")
  endif()

  get_filename_component(MODEL "${MODEL}" ABSOLUTE)
  set(COMMAND_LINE "${MODEL}" --emit=archive --name "${ARG_NAME}")
  set(INPUTS "${MODEL}")
  foreach(FILE_OPTION CALIBRATE CALIBRATION CONFIG)
    if(ARG_${FILE_OPTION})
      get_filename_component(PATH "${ARG_${FILE_OPTION}}" ABSOLUTE)
      string(TOLOWER "${FILE_OPTION}" FLAG)
      list(APPEND COMMAND_LINE "--${FLAG}" "${PATH}")
      list(APPEND INPUTS "${PATH}")
    endif()
  endforeach()
  if(ARG_PRECISION)
    list(APPEND COMMAND_LINE --precision "${ARG_PRECISION}")
  endif()
  if(ARG_TARGET_CPU)
    list(APPEND COMMAND_LINE --target "${ARG_TARGET_CPU}")
  endif()
  list(APPEND COMMAND_LINE ${ARG_OPTIONS})

  set(FOLDER "${CMAKE_CURRENT_BINARY_DIR}/${TARGET}.model")
  set(ARCHIVE "${FOLDER}/lib${ARG_NAME}.a")
  set(HEADER "${FOLDER}/${ARG_NAME}.h")
  # CMake wants include directories to exist before anything is built.
  file(MAKE_DIRECTORY "${FOLDER}")
  add_custom_command(
    OUTPUT "${ARCHIVE}" "${HEADER}"
    COMMAND "${COMPILER}" ${COMMAND_LINE} --header "${HEADER}" -o "${ARCHIVE}"
    DEPENDS ${INPUTS} "${COMPILER}"
    COMMENT "Compiling ${MODEL}"
    VERBATIM)
  add_custom_target(${TARGET}-generated DEPENDS "${ARCHIVE}" "${HEADER}")

  find_package(Threads REQUIRED)
  add_library(${TARGET} STATIC IMPORTED GLOBAL)
  set_target_properties(
    ${TARGET}
    PROPERTIES IMPORTED_LOCATION "${ARCHIVE}"
               INTERFACE_INCLUDE_DIRECTORIES
               "${FOLDER};${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../runtime/include"
               INTERFACE_LINK_LIBRARIES Threads::Threads)
  add_dependencies(${TARGET} ${TARGET}-generated)
endfunction()
