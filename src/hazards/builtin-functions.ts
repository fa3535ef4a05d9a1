/** Names from pg_proc of PostgreSQL 18.4; internal support functions left out. */

/** At least one form is volatile; those of uuid-ossp and pgcrypto are added. */
export const volatileFunctions: ReadonlySet<string> = new Set(
  (
    'array_sample array_shuffle clock_timestamp current_query currval gen_random_bytes gen_random_uuid ' +
    'gen_salt lastval nextval pg_advisory_lock pg_advisory_lock_shared pg_advisory_unlock ' +
    'pg_advisory_unlock_all pg_advisory_unlock_shared pg_advisory_xact_lock pg_advisory_xact_lock_shared ' +
    'pg_current_wal_lsn pg_is_in_recovery pg_logical_emit_message pg_notify pg_sleep pg_sleep_for ' +
    'pg_sleep_until pg_try_advisory_lock pg_try_advisory_lock_shared pg_try_advisory_xact_lock ' +
    'pg_try_advisory_xact_lock_shared random random_normal set_config setseed setval timeofday ' +
    'txid_status uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4 uuidv4 uuidv7'
  ).split(' '),
)

/** Known without arguments only: with some it is a function that is not the server's own. */
export const withoutArguments: ReadonlySet<string> = new Set(
  (
    'clock_timestamp current_database current_query current_user gen_random_uuid get_current_ts_config ' +
    'inet_client_addr inet_client_port inet_server_addr inet_server_port lastval now pg_backend_pid ' +
    'pg_client_encoding pg_current_wal_lsn pg_current_xact_id pg_is_in_recovery pg_postmaster_start_time pi ' +
    'session_user statement_timestamp system_user timeofday transaction_timestamp txid_current uuidv4 version'
  ).split(' '),
)

/** Every form is immutable or stable. */
export const immutableFunctions: ReadonlySet<string> = new Set(
  (
    'abbrev abs aclcontains acldefault aclexplode aclinsert aclitemeq aclitemout aclremove acos acosd ' +
    'acosh age anytextcat area array_append array_cat array_dims array_fill array_lower array_ndims ' +
    'array_position array_positions array_prepend array_remove array_replace array_reverse array_sort ' +
    'array_to_json array_to_string array_to_tsvector array_upper ascii asin asind asinh atan atan2 atan2d ' +
    'atand atanh bit bit_count bitcat bitshiftleft bitshiftright bool booland_statefunc boolor_statefunc ' +
    'boolout bound_box box box_add box_center box_intersect box_sub bpchar bpcharout broadcast bytea ' +
    'byteacat byteaout cardinality casefold cash_div_cash cash_div_int2 cash_div_int4 cash_div_int8 ' +
    'cash_mul_int2 cash_mul_int4 cash_mul_int8 cash_words cbrt ceil ceiling center char character_length ' +
    'charout chr cideq cidout cidr circle circle_center close_ls close_lseg close_pb close_pl close_ps ' +
    'close_sb col_description concat concat_ws convert convert_from convert_to cos cosd cosh cot cotd ' +
    'crc32 crc32c current_database current_schema current_schemas current_setting current_user ' +
    'database_to_xml database_to_xml_and_xmlschema database_to_xmlschema date date_add date_bin ' +
    'date_mi_interval date_mii date_part date_pl_interval date_pli date_subtract date_trunc ' +
    'datemultirange daterange daterange_canonical daterange_subdiff dcbrt decode degrees dexp diagonal ' +
    'diameter dist_bp dist_bs dist_cpoint dist_cpoly dist_lp dist_ls dist_pathp dist_pb dist_pc dist_pl ' +
    'dist_polyc dist_polyp dist_ppath dist_ppoly dist_ps dist_sb dist_sl dist_sp div dlog1 dlog10 dpow ' +
    'dround dsqrt dtrunc elem_contained_by_multirange elem_contained_by_range encode enum_first enum_last ' +
    'erf erfc exp extract factorial family float4 float4abs float4out float8 float8_avg float8_corr ' +
    'float8_covar_pop float8_covar_samp float8_regr_avgx float8_regr_avgy float8_regr_intercept ' +
    'float8_regr_r2 float8_regr_slope float8_regr_sxx float8_regr_sxy float8_regr_syy float8_stddev_pop ' +
    'float8_stddev_samp float8_var_pop float8_var_samp float8abs float8out floor flt4_mul_cash ' +
    'flt8_mul_cash fmgr_c_validator fmgr_internal_validator fmgr_sql_validator format format_type gamma ' +
    'gcd generate_series generate_subscripts get_bit get_byte get_current_ts_config getdatabaseencoding ' +
    'getpgusername gtsvectorout has_any_column_privilege has_column_privilege has_database_privilege ' +
    'has_foreign_data_wrapper_privilege has_function_privilege has_language_privilege ' +
    'has_largeobject_privilege has_parameter_privilege has_schema_privilege has_sequence_privilege ' +
    'has_server_privilege has_table_privilege has_tablespace_privilege has_type_privilege height host ' +
    'hostmask icu_unicode_version inet_client_addr inet_client_port inet_same_family inet_server_addr ' +
    'inet_server_port inetmi_int8 initcap int2 int2_mul_cash int2_sum int2abs int2int4_sum int2out ' +
    'int2vectorout int4 int4_mul_cash int4_sum int4abs int4inc int4multirange int4out int4range ' +
    'int4range_canonical int4range_subdiff int8 int8_avg int8_mul_cash int8_sum int8abs int8dec ' +
    'int8dec_any int8inc int8inc_any int8inc_float8_float8 int8multirange int8out int8pl_inet int8range ' +
    'int8range_canonical int8range_subdiff integer_pl_date inter_lb inter_sb inter_sl interval ' +
    'interval_hash interval_hash_extended interval_pl_date interval_pl_time interval_pl_timestamp ' +
    'interval_pl_timestamptz interval_pl_timetz is_normalized isclosed isempty isfinite ishorizontal ' +
    'isopen isparallel isperp isvertical json_array_element json_array_element_text json_array_elements ' +
    'json_array_elements_text json_array_length json_build_array json_build_object json_each ' +
    'json_each_text json_extract_path json_extract_path_text json_object json_object_field ' +
    'json_object_field_text json_object_keys json_populate_record json_populate_recordset ' +
    'json_strip_nulls json_to_record json_to_recordset json_to_tsvector json_typeof jsonb_build_array ' +
    'jsonb_build_object jsonb_concat jsonb_each jsonb_each_text jsonb_exists jsonb_exists_all ' +
    'jsonb_exists_any jsonb_extract_path jsonb_extract_path_text jsonb_hash jsonb_hash_extended ' +
    'jsonb_insert jsonb_object jsonb_object_field jsonb_object_field_text jsonb_object_keys ' +
    'jsonb_path_exists jsonb_path_exists_opr jsonb_path_exists_tz jsonb_path_match jsonb_path_match_opr ' +
    'jsonb_path_match_tz jsonb_path_query jsonb_path_query_array jsonb_path_query_array_tz ' +
    'jsonb_path_query_first jsonb_path_query_first_tz jsonb_path_query_tz jsonb_populate_record ' +
    'jsonb_populate_record_valid jsonb_populate_recordset jsonb_pretty jsonb_set jsonb_set_lax ' +
    'jsonb_strip_nulls jsonb_to_record jsonb_to_recordset jsonb_to_tsvector jsonb_typeof justify_days ' +
    'justify_hours justify_interval lcm left length lgamma like like_escape line line_horizontal ' +
    'line_interpt line_intersect line_perp line_vertical ln log log10 lower lower_inc lower_inf lpad lseg ' +
    'lseg_center lseg_horizontal lseg_interpt lseg_intersect lseg_perp lseg_vertical ltrim macaddr ' +
    'macaddr8 macaddr8_set7bit make_date make_interval make_time make_timestamp make_timestamptz ' +
    'makeaclitem masklen md5 min_scale mod money mul_d_interval multirange multirange_intersect ' +
    'multirange_minus multirange_union mxid_age name nameconcatoid nameeqtext namegetext namegttext ' +
    'nameletext namelttext namenetext nameout netmask network network_sub network_sup normalize notlike ' +
    'now npoints num_nonnulls num_nulls numeric numeric_abs numeric_add numeric_div_trunc numeric_exp ' +
    'numeric_inc numeric_ln numeric_log numeric_pl_pg_lsn numeric_power numeric_sqrt numeric_sub ' +
    'numeric_uminus numeric_uplus nummultirange numnode numrange numrange_subdiff obj_description ' +
    'octet_length oid oidout oidvectorout oidvectortypes on_pb on_pl on_ppath on_ps on_sb on_sl overlaps ' +
    'overlay parse_ident path path_add path_inter path_npoints pclose pg_available_extension_versions ' +
    'pg_available_extensions pg_backend_pid pg_basetype pg_char_to_encoding pg_client_encoding ' +
    'pg_collation_for pg_collation_is_visible pg_column_compression pg_column_is_updatable pg_column_size ' +
    'pg_column_toast_chunk_id pg_conf_load_time pg_config pg_conversion_is_visible pg_current_snapshot ' +
    'pg_current_xact_id pg_current_xact_id_if_assigned pg_cursor pg_describe_object ' +
    'pg_encoding_max_length pg_encoding_to_char pg_event_trigger_ddl_commands ' +
    'pg_event_trigger_dropped_objects pg_event_trigger_table_rewrite_oid ' +
    'pg_event_trigger_table_rewrite_reason pg_extension_update_paths pg_filenode_relation ' +
    'pg_function_is_visible pg_get_acl pg_get_catalog_foreign_keys pg_get_constraintdef pg_get_expr ' +
    'pg_get_function_arg_default pg_get_function_arguments pg_get_function_identity_arguments ' +
    'pg_get_function_result pg_get_function_sqlbody pg_get_functiondef pg_get_indexdef pg_get_keywords ' +
    'pg_get_object_address pg_get_partition_constraintdef pg_get_partkeydef pg_get_ruledef ' +
    'pg_get_serial_sequence pg_get_statisticsobjdef pg_get_statisticsobjdef_columns ' +
    'pg_get_statisticsobjdef_expressions pg_get_triggerdef pg_get_userbyid pg_get_viewdef pg_has_role ' +
    'pg_identify_object pg_identify_object_as_address pg_index_column_has_property pg_index_has_property ' +
    'pg_indexam_has_property pg_indexam_progress_phasename pg_input_error_info pg_input_is_valid ' +
    'pg_is_other_temp_schema pg_listening_channels pg_lsn pg_lsn_hash pg_lsn_hash_extended pg_lsn_mii ' +
    'pg_lsn_pli pg_mcv_list_items pg_my_temp_schema pg_numa_available pg_opclass_is_visible ' +
    'pg_operator_is_visible pg_opfamily_is_visible pg_options_to_table pg_partition_root ' +
    'pg_postmaster_start_time pg_prepared_statement pg_relation_filenode pg_relation_filepath ' +
    'pg_relation_is_publishable pg_relation_is_updatable pg_replication_origin_oid pg_sequence_parameters ' +
    'pg_settings_get_flags pg_show_all_settings pg_size_bytes pg_size_pretty pg_snapshot_xip ' +
    'pg_snapshot_xmax pg_snapshot_xmin pg_split_walfile_name pg_table_is_visible pg_tablespace_databases ' +
    'pg_tablespace_location pg_timezone_abbrevs_abbrevs pg_timezone_abbrevs_zone pg_timezone_names ' +
    'pg_trigger_depth pg_ts_config_is_visible pg_ts_dict_is_visible pg_ts_parser_is_visible ' +
    'pg_ts_template_is_visible pg_type_is_visible pg_typeof pg_visible_in_snapshot pg_wal_lsn_diff ' +
    'pg_walfile_name pg_walfile_name_offset phraseto_tsquery pi plainto_tsquery point point_add ' +
    'point_horiz point_sub point_vert poly_center poly_npoints polygon popen position ' +
    'postgresql_fdw_validator pow power pt_contained_circle pt_contained_poly querytree quote_ident ' +
    'quote_literal quote_nullable radians radius range_intersect range_minus range_overlaps range_union ' +
    'regclass regclassout regcollationout regconfigout regdictionaryout regexp_count regexp_instr ' +
    'regexp_like regexp_match regexp_matches regexp_replace regexp_split_to_array regexp_split_to_table ' +
    'regexp_substr regnamespaceout regoperatorout regoperout regprocedureout regprocout regroleout ' +
    'regtypeout repeat replace reverse right round row_security_active row_to_json rpad rtrim ' +
    'satisfies_hash_partition scale schema_to_xml schema_to_xml_and_xmlschema schema_to_xmlschema ' +
    'session_user set_bit set_byte set_masklen setweight sha224 sha256 sha384 sha512 shobj_description ' +
    'sign similar_escape similar_to_escape sin sind sinh slope split_part sqrt starts_with ' +
    'statement_timestamp string_to_array string_to_table strip strpos substr substring system_user ' +
    'table_to_xml table_to_xml_and_xmlschema table_to_xmlschema tan tand tanh text textanycat textcat ' +
    'texteqname textgename textgtname textlen textlename textltname textnename textout tidout time ' +
    'time_hash time_hash_extended time_mi_interval time_mi_time time_pl_interval timestamp timestamp_hash ' +
    'timestamp_hash_extended timestamp_mi_interval timestamp_pl_interval timestamptz timestamptz_hash ' +
    'timestamptz_hash_extended timestamptz_mi_interval timestamptz_pl_interval timetz timetz_hash ' +
    'timetz_hash_extended timetz_mi_interval timetz_pl_interval timezone to_ascii to_bin to_char to_date ' +
    'to_hex to_json to_jsonb to_number to_oct to_regclass to_regcollation to_regnamespace to_regoper ' +
    'to_regoperator to_regproc to_regprocedure to_regrole to_regtype to_regtypemod to_timestamp ' +
    'to_tsquery to_tsvector transaction_timestamp translate trim_array trim_scale trunc ts_debug ' +
    'ts_delete ts_filter ts_headline ts_lexize ts_match_qv ts_match_tq ts_match_tt ts_match_vq ts_parse ' +
    'ts_rank ts_rank_cd ts_token_type tsmultirange tsq_mcontains tsquery_phrase tsqueryout tsrange ' +
    'tsrange_subdiff tstzmultirange tstzrange tstzrange_subdiff tsvector_concat tsvector_to_array ' +
    'tsvectorout txid_current txid_current_if_assigned txid_current_snapshot txid_snapshot_xip ' +
    'txid_snapshot_xmax txid_snapshot_xmin txid_visible_in_snapshot unicode_assigned unicode_version ' +
    'unistr unknownout unnest upper upper_inc upper_inf uuid_extract_timestamp uuid_extract_version ' +
    'uuid_hash uuid_hash_extended varbit varchar varcharout version websearch_to_tsquery width ' +
    'width_bucket xid xid8out xideqint4 xidneq xidneqint4 xidout xml xml_is_well_formed ' +
    'xml_is_well_formed_content xml_is_well_formed_document xmlcomment xmlconcat2 xmlexists xmltext ' +
    'xmlvalidate xpath xpath_exists'
  ).split(' '),
)
