#ifndef __REVISION_DATA_H__
#define __REVISION_DATA_H__
 #define REVISION_HASH "@rev_hash@"
 #define REVISION_DATE "@rev_date@"
 #define REVISION_BRANCH "@rev_branch@"
 #define SOURCE_DIRECTORY R"(@SOURCE@)"
 #define MYSQL_EXECUTABLE R"(@MYSQL@)"
 #define DATABASE_FULL_DATABASE "TDB_full_world_335.25101_2025_10_21.sql"
#endif // __REVISION_DATA_H__
