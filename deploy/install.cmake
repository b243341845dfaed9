# What `cmake --install` puts where, with the layout of a Debian package. Paths below /etc are fixed: the program
# looks for its configuration there. DESTDIR comes before all of them.

include(GNUInstallDirs)
install(TARGETS peerpool peerpool-attest RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES deploy/systemd/peerpool.socket deploy/systemd/peerpool-attest.socket DESTINATION lib/systemd/system)
install(FILES deploy/systemd/sysusers.d/peerpool.conf DESTINATION lib/sysusers.d)
install(FILES deploy/systemd/tmpfiles.d/peerpool.conf DESTINATION lib/tmpfiles.d)
install(FILES deploy/config/logrotate DESTINATION /etc/logrotate.d RENAME peerpool)
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)
install(FILES deploy/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME deploy.md)
install(FILES deploy/config/peerpool.yaml DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)

# The units name the programs, and --prefix is known only now.
install(CODE "
  set(bindir \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}\")
  set(docdir \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DOCDIR}\")
  foreach(unit peerpool.service peerpool-attest.service)
    configure_file(\"${PROJECT_SOURCE_DIR}/deploy/systemd/\${unit}.in\"
      \"${PROJECT_BINARY_DIR}/\${unit}\" @ONLY)
    file(INSTALL \"${PROJECT_BINARY_DIR}/\${unit}\"
      DESTINATION \"\${CMAKE_INSTALL_PREFIX}/lib/systemd/system\")
  endforeach()
")

# Whatever the operator has made of it stays.
install(CODE "
  if(EXISTS \"\$ENV{DESTDIR}/etc/peerpool/peerpool.yaml\")
    message(STATUS \"Kept: \$ENV{DESTDIR}/etc/peerpool/peerpool.yaml\")
  else()
    file(INSTALL \"${PROJECT_SOURCE_DIR}/deploy/config/peerpool.yaml\" DESTINATION /etc/peerpool)
  endif()
")
