-- Ends of Wilson's 95 % interval, which an analyst keeps at hand.
CREATE MACRO wilson_middle(p, n) AS
    (p * n + 1.959963984540054 ** 2 / 2) / (n + 1.959963984540054 ** 2);
CREATE MACRO wilson_half(p, n) AS 1.959963984540054
    * sqrt(p * (1 - p) * n + 1.959963984540054 ** 2 / 4) / (n + 1.959963984540054 ** 2);
CREATE MACRO wilson_low(p, n) AS
    CASE WHEN p IS NOT NULL THEN greatest(wilson_middle(p, n) - wilson_half(p, n), 0) END;
CREATE MACRO wilson_high(p, n) AS
    CASE WHEN p IS NOT NULL THEN least(wilson_middle(p, n) + wilson_half(p, n), 1) END;
