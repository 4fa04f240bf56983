# cmake -DOUT=FILE.cpp -DHEADER=HEADER.hpp -DFUNCTION=NAME -P embed.cmake FILE.yaml ...: writes a source that holds the
# files' texts and gives them through the function, which the header declares:
# const std::vector<EmbeddedFile>& NAME();
set(files "")
set(started FALSE)
math(EXPR last "${CMAKE_ARGC} - 1")
foreach(i RANGE ${last})
  if(started)
    list(APPEND files "${CMAKE_ARGV${i}}")
  elseif(CMAKE_ARGV${i} MATCHES "embed\\.cmake$")
    set(started TRUE)
  endif()
endforeach()
# By stem: servers.yaml before servers-common.yaml.
set(stems "")
foreach(file ${files})
  get_filename_component(folder "${file}" DIRECTORY)
  get_filename_component(stem "${file}" NAME_WE)
  list(APPEND stems "${stem}")
endforeach()
list(SORT stems)
set(body "")
foreach(stem ${stems})
  file(READ "${folder}/${stem}.yaml" text)
  string(APPEND body "      {\"${stem}.yaml\", R\"embedded(${text})embedded\"},\n")
endforeach()
file(WRITE "${OUT}"
     "#include \"${HEADER}\"\n\nnamespace alight {\n\nconst std::vector<EmbeddedFile>& ${FUNCTION}() {\n"
     "  static const std::vector<EmbeddedFile> files = {\n${body}  };\n  return files;\n}\n\n}  // namespace alight\n")
