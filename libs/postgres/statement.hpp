#pragma once
// A named SQL statement. The name appears in logs, error texts and metrics, where it is a label, so names are
// constants. Statements live in apps/<svc>/sql.hpp.
namespace prompted::pg {

struct Statement {
  const char* name;
  const char* text;  ///< always with $n parameters; never built at run time
};

}  // namespace prompted::pg
