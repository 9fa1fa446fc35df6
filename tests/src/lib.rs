//! Controllable children and gates, shared by the test suites.
