"""Writes xlsxwriter.xlsx and openpyxl.xlsx, with XlsxWriter 3.0 and openpyxl 3.0 from Debian 12."""
import datetime
import openpyxl
import xlsxwriter

DAY = datetime.datetime(2024, 3, 4)
SEEN = datetime.datetime(2024, 3, 4, 17, 5)
NAMES = ["id", "name", "zip", "day", "seen", "at", "rate", "paid", "sum"]

book = xlsxwriter.Workbook("xlsxwriter.xlsx", {"date_1904": True})
sheet = book.add_worksheet("Data")
formats = [book.add_format({"num_format": code}) for code in
           ["00000", "d mmm yyyy", "dd/mm/yy hh:mm:ss", "hh:mm", "0%"]]
sheet.write_row(0, 0, NAMES)
sheet.write_row(1, 0, [1, " Ana\t"])
sheet.write_number(1, 2, 501, formats[0])
sheet.write_datetime(1, 3, DAY, formats[1])
sheet.write_datetime(1, 4, SEEN, formats[2])
sheet.write_datetime(1, 5, datetime.time(17, 5), formats[3])
sheet.write_number(1, 6, 0.07, formats[4])
sheet.write_boolean(1, 7, True)
sheet.write_formula(1, 8, "=A2+1", None, 2)
sheet.write_rich_string(2, 1, "ri", book.add_format({"bold": True}), "ch", " text")
sheet.write_number(2, 0, 9007199254740991)
sheet.write_string(2, 2, "_x0041_\r\n\u0001")
sheet.write_formula(2, 8, "=NA()", None, "#N/A")
chart = book.add_chartsheet("Chart")
line = book.add_chart({"type": "line"})
line.add_series({"values": "=Data!$A$2:$A$3"})
chart.set_chart(line)
book.close()

book = openpyxl.Workbook()
sheet = book.active
sheet.title = "Data"
sheet.append(NAMES)
sheet.append([1, "Ana", "00501", DAY.date(), SEEN, SEEN.time(), 0.1 + 0.2, True, None])
sheet.append([12345678901234567, "=1+1", "=HYPERLINK(\"http://127.0.0.1\")"])
sheet.append([3, "Ü & <b>", None, datetime.timedelta(hours=37, minutes=30)])
sheet["B3"].data_type = "s"
sheet["C3"].data_type = "s"
sheet["I2"] = "=A2+1"
book.create_sheet("Hidden").append(["x"])
book["Hidden"].sheet_state = "hidden"
book.save("openpyxl.xlsx")
