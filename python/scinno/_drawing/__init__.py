"""Colors, points and maps, shared by run pictures, reports and `scinno.pl`."""
