#include "proxy/postgres/harmless_functions.h"

#include <cstddef>
#include <unordered_set>

namespace peerpool::postgres {
namespace {

// Keywords and types that a bracket may follow (PostgreSQL manual, "SQL Key Words").
constexpr std::string_view kWords = R"(
all and any array as between bigint bit bpchar by case cast char character coalesce conflict cube
decimal default distinct else end escape except exists extract fetch filter first float from
greatest group grouping having ilike in int integer intersect interval into is isnull key lateral
least like limit next not nullif numeric offset on only or order over overlay partition position
returning rollup row select set sets similar smallint some substring text then time timestamp
timestamptz timetz treat trim union unique unnest using values varchar varying when where with
within xmlelement
)";

// PostgreSQL manual, "Functions and Operators". Those that change a sequence are here: it is those
// that show that to the session, currval() and lastval(), that get special care.
constexpr std::string_view kFunctions = R"(
abbrev abs acos age any_value area array_agg array_append array_cat array_dims array_fill
array_length array_lower array_ndims array_position array_positions array_prepend array_remove
array_replace array_to_json array_to_string array_upper ascii asin atan atan2 avg bit_and
bit_length bit_or bit_xor bool_and bool_or box broadcast btrim cardinality cbrt ceil ceiling
center char_length character_length chr circle clock_timestamp concat concat_ws convert
convert_from convert_to corr cos cot count covar_pop covar_samp crc32 cume_dist date date_add
date_bin date_part date_subtract date_trunc daterange decode degrees dense_rank diameter div
encode enum_first enum_last enum_range every exp factorial family first_value floor format gcd
gen_random_uuid generate_series generate_subscripts get_bit get_byte hashint4 hashint8 hashtext
height host hostmask initcap int4range int8range isempty isfinite json_agg json_array_elements
json_array_elements_text json_array_length json_build_array json_build_object json_each
json_each_text json_extract_path json_extract_path_text json_object json_object_agg
json_object_keys json_populate_record json_populate_recordset json_strip_nulls json_to_record
json_to_recordset json_typeof jsonb_agg jsonb_array_elements jsonb_array_elements_text
jsonb_array_length jsonb_build_array jsonb_build_object jsonb_each jsonb_each_text
jsonb_extract_path jsonb_extract_path_text jsonb_insert jsonb_object jsonb_object_agg
jsonb_object_keys jsonb_path_exists jsonb_path_match jsonb_path_query jsonb_path_query_array
jsonb_path_query_first jsonb_populate_record jsonb_populate_recordset jsonb_pretty jsonb_set
jsonb_set_lax jsonb_strip_nulls jsonb_to_record jsonb_to_recordset jsonb_typeof justify_days
justify_hours justify_interval lag last_value lcm lead left length ln localtime localtimestamp log
log10 lower lower_inc lower_inf lpad lseg ltrim make_date make_interval make_time make_timestamp
make_timestamptz masklen max md5 min min_scale mod mode netmask network nextval normalize now
npoints nth_value ntile num_nonnulls num_nulls numnode numrange octet_length parse_ident path
percent_rank percentile_cont percentile_disc phraseto_tsquery pi plainto_tsquery point polygon
power querytree quote_ident quote_literal quote_nullable radians radius random range_agg
range_merge rank regexp_count regexp_instr regexp_like regexp_match regexp_matches regexp_replace
regexp_split_to_array regexp_split_to_table regexp_substr regr_count regr_intercept regr_r2
regr_slope repeat replace reverse right round row_number row_to_json rpad rtrim scale set_bit
set_byte set_config set_masklen setval setweight sha224 sha256 sha384 sha512 sign
similar_to_escape sin split_part sqrt starts_with statement_timestamp stddev stddev_pop
stddev_samp string_agg string_to_array string_to_table strip strpos substr sum tan textcat
timeofday timezone to_ascii to_char to_date to_hex to_json to_jsonb to_number to_timestamp
to_tsquery to_tsvector transaction_timestamp translate trim_array trim_scale trunc ts_headline
ts_rank ts_rank_cd tsrange tstzrange tsvector_to_array unistr upper upper_inc upper_inf var_pop
var_samp variance websearch_to_tsquery width width_bucket xmlagg xmlconcat xmlforest xmlparse
xmlserialize
)";

// The same manual's chapter on system information and administration.
constexpr std::string_view kSystemFunctions = R"(
col_description current_database current_schema current_schemas current_setting current_time
current_timestamp current_user format_type has_any_column_privilege has_column_privilege
has_database_privilege has_function_privilege has_schema_privilege has_sequence_privilege
has_table_privilege inet_client_addr inet_client_port inet_same_family inet_server_addr
inet_server_port obj_description pg_advisory_unlock pg_advisory_unlock_all
pg_advisory_unlock_shared pg_advisory_xact_lock pg_advisory_xact_lock_shared pg_backend_pid
pg_blocking_pids pg_cancel_backend pg_char_to_encoding pg_client_encoding pg_collation_is_visible
pg_column_size pg_conf_load_time pg_current_snapshot pg_current_wal_lsn pg_current_xact_id
pg_database_size pg_encoding_to_char pg_function_is_visible pg_get_constraintdef pg_get_expr
pg_get_function_arguments pg_get_function_identity_arguments pg_get_function_result
pg_get_functiondef pg_get_indexdef pg_get_keywords pg_get_partkeydef pg_get_ruledef
pg_get_serial_sequence pg_get_statisticsobjdef pg_get_triggerdef pg_get_userbyid pg_get_viewdef
pg_has_role pg_indexes_size pg_is_in_recovery pg_is_other_temp_schema pg_last_wal_receive_lsn
pg_last_wal_replay_lsn pg_last_xact_replay_timestamp pg_listening_channels pg_lock_status
pg_notify pg_opclass_is_visible pg_operator_is_visible pg_postmaster_start_time
pg_relation_filenode pg_relation_size pg_settings_get_flags pg_show_all_settings pg_size_pretty
pg_sleep pg_stat_get_activity pg_table_is_visible pg_table_size pg_tablespace_size
pg_terminate_backend pg_total_relation_size pg_try_advisory_xact_lock
pg_try_advisory_xact_lock_shared pg_type_is_visible pg_typeof session_user shobj_description
to_regclass to_regnamespace to_regproc to_regrole to_regtype txid_current txid_current_if_assigned
txid_current_snapshot version
)";

using Names = std::unordered_set<std::string_view>;

void addAll(Names& names, std::string_view text) {
  constexpr std::string_view kBlanks = " \n";
  for (std::size_t at = text.find_first_not_of(kBlanks); at != std::string_view::npos;
       at = text.find_first_not_of(kBlanks, at)) {
    const std::size_t end = text.find_first_of(kBlanks, at);
    names.insert(text.substr(at, end - at));
    at = end;
  }
}

Names makeNames() {
  Names names;
  addAll(names, kWords);
  addAll(names, kFunctions);
  addAll(names, kSystemFunctions);
  return names;
}

}  // namespace

bool isHarmlessFunction(std::string_view name) {
  static const Names names = makeNames();
  return names.count(name) != 0;
}

}  // namespace peerpool::postgres
