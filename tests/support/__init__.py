"""What tests share: programs drawn at random, servers, pages, tables of cases. No test imports another one."""
