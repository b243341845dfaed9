SET client_encoding = 'WIN1252'; SELECT U&'\20ac';
-- @query
SET client_encoding = 'EUC_JP'; SELECT U&'\6f22\5b57';
-- @query
SET client_encoding = 'SJIS'; SELECT U&'\6f22\5b57';
-- @query
SET client_encoding = 'KOI8R'; SELECT U&'\0416';
-- @query
SET client_encoding = 'UTF8'; SELECT U&'\20ac';
