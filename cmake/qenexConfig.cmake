# find_package(qenex CONFIG REQUIRED): the targets qenex::shared, qenex::static and qenex::qenex, which is the shared
# library unless QENEX_USE_STATIC is on (then the static one). Paths are relative to this file: the prefix can be moved.
get_filename_component(_qenex_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

if(NOT TARGET qenex::shared AND EXISTS "${_qenex_prefix}/lib/libqenex.so.@VERSION@")
  add_library(qenex::shared SHARED IMPORTED)
  set_target_properties(qenex::shared PROPERTIES
    IMPORTED_LOCATION "${_qenex_prefix}/lib/libqenex.so.@VERSION@"
    IMPORTED_SONAME "@SONAME@"
    INTERFACE_INCLUDE_DIRECTORIES "${_qenex_prefix}/include")
endif()

if(NOT TARGET qenex::static AND EXISTS "${_qenex_prefix}/lib/libqenex.a")
  find_package(Threads REQUIRED)
  add_library(qenex::static STATIC IMPORTED)
  set_target_properties(qenex::static PROPERTIES
    IMPORTED_LOCATION "${_qenex_prefix}/lib/libqenex.a"
    INTERFACE_COMPILE_DEFINITIONS QENEX_STATIC
    INTERFACE_INCLUDE_DIRECTORIES "${_qenex_prefix}/include"
    INTERFACE_LINK_LIBRARIES "Threads::Threads;m;dl;gcc_s")
endif()

if(NOT TARGET qenex::qenex)
  add_library(qenex::qenex INTERFACE IMPORTED)
  if(TARGET qenex::shared AND NOT QENEX_USE_STATIC)
    set_property(TARGET qenex::qenex PROPERTY INTERFACE_LINK_LIBRARIES qenex::shared)
  elseif(TARGET qenex::static)
    set_property(TARGET qenex::qenex PROPERTY INTERFACE_LINK_LIBRARIES qenex::static)
  else()
    set(qenex_FOUND FALSE)
    set(qenex_NOT_FOUND_MESSAGE "${_qenex_prefix}/lib has neither libqenex.so.@VERSION@ nor libqenex.a")
  endif()
endif()
unset(_qenex_prefix)
